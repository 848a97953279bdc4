package io.divan.storage.sqlite.pages;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The databases of one SQLite connection: the main one, and those it attaches. Not thread-safe.
 */
final class VfsBinding {
  private BiFunction<String, Boolean, VfsFile> opener;
  private int open;
  private @Nullable Throwable failure;
  private @Nullable Throwable broken;

  VfsBinding() {
    opener =
        (name, create) -> {
          throw new IllegalStateException("The connection has no files yet");
        };
  }

  /** Sets the function that opens a file by its name; its second argument allows creating it. */
  void opener(BiFunction<String, Boolean, VfsFile> files) {
    opener = files;
  }

  VfsFile open(String name, boolean create) {
    VfsFile file = opener.apply(name, create);
    open++;
    return file;
  }

  /** Records that a file was closed. Returns whether it was the last. */
  boolean closed() {
    open--;
    return open == 0;
  }

  /** Makes the connection unusable. */
  void markBroken(Throwable why) {
    if (broken == null) {
      broken = why;
    }
  }

  /** The failure that made the connection unusable, or null. */
  @Nullable
  Throwable broken() {
    return broken;
  }

  /** Records the exception behind an error code returned to SQLite. */
  void recordFailure(Throwable why) {
    failure = why;
  }

  /** Returns and forgets the last failure. */
  @Nullable
  Throwable takeFailure() {
    Throwable taken = failure;
    failure = null;
    return taken;
  }
}

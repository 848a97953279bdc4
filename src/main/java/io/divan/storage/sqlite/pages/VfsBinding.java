package io.divan.storage.sqlite.pages;

import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The databases of one SQLite connection: the main one, and those it attaches. Not thread-safe.
 */
final class VfsBinding {

  /** Opens the files of a connection. */
  interface Opener {
    /**
     * Opens a file.
     *
     * @param create whether to create the file if it does not exist
     */
    VfsFile open(String name, boolean create);
  }

  private final Opener opener;
  private int open;
  private @Nullable Throwable failure;
  private @Nullable Throwable broken;

  /**
   * Creates the binding of a connection.
   *
   * @param files returns the connection's opener; its argument makes the connection unusable
   */
  VfsBinding(Function<Consumer<Throwable>, Opener> files) {
    opener = files.apply(this::markBroken);
  }

  VfsFile open(String name, boolean create) {
    VfsFile file = opener.open(name, create);
    open++;
    return file;
  }

  /** Records that a file was closed. Returns whether it was the last. */
  boolean closed() {
    open--;
    return open == 0;
  }

  private void markBroken(Throwable why) {
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

package io.divan.storage.sqlite.pages;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What one connection of SQLite opens its databases from: the main one, and those it attaches. For
 * one thread at a time.
 */
final class VfsBinding {
  private BiFunction<String, Boolean, VfsFile> opener;
  private int open;
  private @Nullable Throwable failure;
  private @Nullable Throwable broken;

  VfsBinding() {
    opener =
        (name, create) -> {
          throw new IllegalStateException("There are no files");
        };
  }

  /** Opens the file of a name, making it where it is not there if it is told to. */
  void opener(BiFunction<String, Boolean, VfsFile> files) {
    opener = files;
  }

  VfsFile open(String name, boolean create) {
    VfsFile file = opener.apply(name, create);
    open++;
    return file;
  }

  /** A file is closed; true when it was the last. */
  boolean closed() {
    open--;
    return open == 0;
  }

  /** After this no file of the connection is of use. */
  void broken(Throwable why) {
    if (broken == null) {
      broken = why;
    }
  }

  /** What has made the connection useless, or null. */
  @Nullable Throwable broken() {
    return broken;
  }

  /** SQLite is told a number only: here is what it means. */
  void failed(Throwable why) {
    failure = why;
  }

  /** The last failure, which is forgotten with this. */
  @Nullable Throwable takeFailure() {
    Throwable taken = failure;
    failure = null;
    return taken;
  }
}

package io.divan.storage;

import java.nio.file.Path;

/** What a store has open of its database file, and lends. Safe for use by many threads. */
public abstract class LentFiles extends Lent {
  private final Path file;

  /** Lends a file that is not open yet. */
  protected LentFiles(Path file) {
    this.file = file;
  }

  /** The database file. */
  public final Path path() {
    return file;
  }
}

package io.divan.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A store that is a file, written by a {@link SingleWriter}. */
public abstract class FileStore extends SingleWriterStore {
  private final LentFiles files;

  /**
   * Makes a handle of a database whose file is not opened yet.
   *
   * @param files what is open of the file
   * @param stamps the database's; raised by whoever opens the file
   */
  protected FileStore(
      String name, LentFiles files, StampClock stamps, TransactionListener listener) {
    super(name, files, stamps, listener);
    this.files = files;
  }

  /** Its file. */
  public final Path file() {
    return files.path();
  }

  @Override
  public long sizeBytes() {
    files.checkLendable();
    return sizeOf(files.path());
  }

  /** The length of a file; 0 where there is none. */
  protected static long sizeOf(Path path) {
    try {
      return Files.size(path);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new StorageException.StoreUnavailable(
          path + " cannot be read", new UncheckedIOException(e));
    }
  }
}

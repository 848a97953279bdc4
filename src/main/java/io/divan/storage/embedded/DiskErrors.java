package io.divan.storage.embedded;

import io.divan.redb.DiskSpace;
import io.divan.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/** Turns I/O errors of writes to plain files into storage exceptions. */
public final class DiskErrors {

  private DiskErrors() {}

  /**
   * Returns the exception for a write that failed: {@link StorageException.StoreFull} if the disk
   * is full.
   *
   * @param file the file that was written, as messages name it
   * @param neededBytes the size of the write
   */
  public static StorageException of(Path file, IOException error, long neededBytes) {
    return of(file, error, neededBytes, () -> usableBytes(file));
  }

  /**
   * Returns the exception for a write that failed.
   *
   * @param usableBytes bytes left on the disk
   */
  public static StorageException of(
      Path file, IOException error, long neededBytes, LongSupplier usableBytes) {
    return DiskSpace.isFull(error, neededBytes, usableBytes)
        ? new StorageException.StoreFull("No space is left for " + file, error)
        : new StorageException.StoreUnavailable(file + " cannot be written: " + error, error);
  }

  /** Returns the bytes left on the disk that holds, or will hold, a file. */
  public static long usableBytes(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return DiskSpace.usableBytes(parent == null ? file : parent);
  }
}

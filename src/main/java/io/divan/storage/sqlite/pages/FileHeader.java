package io.divan.storage.sqlite.pages;

import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.WriteTransaction;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The header of a file. Each commit changes it, and a reader learns the newest version from it.
 *
 * @param size the size of the file in bytes
 * @param version the newest version visible to readers
 * @param horizon versions before it can no longer be read, because rows they need may be removed
 * @param staged the version that a commit of several steps is writing, or 0. With the last step it
 *     becomes {@code version}; after a failure the next writer removes its rows
 * @param commit a random number that identifies a commit whose outcome is unknown
 */
record FileHeader(long size, long version, long horizon, long staged, long commit) {
  /** The format of the file's rows, stored in the last byte. Format 1 did not store a number. */
  private static final byte FORMAT = 2;

  private static final int BYTES = 41;
  private static final int FIRST_FORMAT_BYTES = 40;

  static final FileHeader NEW = new FileHeader(0, 1, 1, 0, 0);

  /**
   * Reads the header of a file.
   *
   * @throws StorageException.DatabaseNotFound if there is no such file
   * @throws StorageException.StoreUnusable if the file has an unknown format
   */
  static FileHeader read(ReadTransaction transaction, DatabaseFile file) {
    Optional<byte[]> value = transaction.get(StoreLayout.SIZE, StoreLayout.file(file.number()));
    if (value.isEmpty()) {
      throw new StorageException.DatabaseNotFound(file.name());
    }
    requireFormat(file, value.get());
    if (value.get().length != BYTES) {
      throw new StorageException.StoreCorrupt(
          file.name(),
          "its header has " + value.get().length + " bytes",
          new IllegalStateException());
    }
    ByteBuffer bytes = ByteBuffer.wrap(value.get());
    return new FileHeader(
        bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
  }

  private static void requireFormat(DatabaseFile file, byte[] value) {
    int format = value.length == FIRST_FORMAT_BYTES ? 1 : FORMAT;
    if (value.length > FIRST_FORMAT_BYTES) {
      format = value[FIRST_FORMAT_BYTES];
    }
    if (format != FORMAT) {
      throw new StorageException.StoreUnusable(
          "The pages of " + file.name() + " have format " + format + ", but this version of Divan"
              + " reads only format " + FORMAT + ": use the version that wrote them");
    }
  }

  void write(WriteTransaction transaction, int file) {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putLong(size).putLong(version).putLong(horizon).putLong(staged).putLong(commit);
    bytes.put(FORMAT);
    transaction.put(StoreLayout.SIZE, StoreLayout.file(file), bytes.array());
  }

  FileHeader withStaged(long stagedVersion) {
    return new FileHeader(size, version, horizon, stagedVersion, commit);
  }

  FileHeader withHorizon(long newHorizon) {
    return new FileHeader(size, version, newHorizon, staged, commit);
  }
}

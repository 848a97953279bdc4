package io.divan.storage.sqlite.pages;

import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.WriteTransaction;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a file says of itself: it changes with each commit, and whoever reads it knows which version
 * of the file there is.
 *
 * @param size bytes of the file
 * @param version the newest version that readers see
 * @param horizon versions before it cannot be read any more: rows they need may be gone
 * @param staged the version that a commit of many steps is writing, or 0; it becomes {@code
 *     version} with the last step, or is cleaned up by the next writer
 * @param commit a number drawn for each commit, by which one whose outcome was not told is found
 */
record Header(long size, long version, long horizon, long staged, long commit) {
  /** The format of the file's rows, which this ends with. The first one had no number. */
  private static final byte FORMAT = 2;

  private static final int BYTES = 41;
  private static final int FIRST_FORMAT_BYTES = 40;

  static final Header NEW = new Header(0, 1, 1, 0, 0);

  /**
   * The header of a file.
   *
   * @throws StorageException.DatabaseNotFound when there is no such file
   * @throws StorageException.StoreUnavailable when its format is another one
   */
  static Header read(ReadTransaction transaction, PageFile file) {
    Optional<byte[]> value = transaction.get(Layout.SIZE, Layout.file(file.number()));
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
    return new Header(
        bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
  }

  private static void requireFormat(PageFile file, byte[] value) {
    int format = value.length == FIRST_FORMAT_BYTES ? 1 : FORMAT;
    if (value.length > FIRST_FORMAT_BYTES) {
      format = value[FIRST_FORMAT_BYTES];
    }
    if (format != FORMAT) {
      throw new StorageException.StoreUnavailable(
          file.name() + " has format " + format + " of pages, this version of Divan knows only"
              + " format " + FORMAT + ": use the version that wrote it");
    }
  }

  void write(WriteTransaction transaction, int file) {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putLong(size).putLong(version).putLong(horizon).putLong(staged).putLong(commit);
    bytes.put(FORMAT);
    transaction.put(Layout.SIZE, Layout.file(file), bytes.array());
  }

  Header withStaged(long stagedVersion) {
    return new Header(size, version, horizon, stagedVersion, commit);
  }

  Header withHorizon(long newHorizon) {
    return new Header(size, version, newHorizon, staged, commit);
  }
}

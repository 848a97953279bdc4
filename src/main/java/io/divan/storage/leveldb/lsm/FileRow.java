package io.divan.storage.leveldb.lsm;

import io.divan.storage.StorageException;
import io.divan.storage.TupleReader;
import io.divan.storage.TupleWriter;

/**
 * What the store knows of a file.
 *
 * @param token the fencing token of the owner that made it: with {@code number} the file's id,
 *     which no other file of its directory ever has
 * @param number counts the files of that owner
 * @param length in bytes
 */
record FileRow(long token, long number, long length) {

  private static final long FORMAT = 0;

  /**
   * What a row's value says.
   *
   * @throws StorageException.StoreUnavailable when its format is another one
   */
  static FileRow of(byte[] value) {
    TupleReader reader = new TupleReader(value);
    long format = reader.nextLong();
    if (format != FORMAT) {
      throw new StorageException.StoreUnavailable(
          "LevelDB's files are kept in format " + format + ", this version of Divan knows only"
              + " format " + FORMAT + ": use the version that wrote them");
    }
    return new FileRow(reader.nextLong(), reader.nextLong(), reader.nextLong());
  }

  byte[] toBytes() {
    return TupleWriter.pack(FORMAT, token, number, length);
  }

  FileRow length(long bytes) {
    return new FileRow(token, number, bytes);
  }

  /** How many chunks it has. */
  long chunks() {
    return (length + Layout.CHUNK_BYTES - 1) / Layout.CHUNK_BYTES;
  }

  /** Bytes of one of its chunks. */
  int chunkBytes(long chunk) {
    return (int) Math.min(Layout.CHUNK_BYTES, length - chunk * Layout.CHUNK_BYTES);
  }

  boolean isSameFile(FileRow other) {
    return token == other.token && number == other.number;
  }
}

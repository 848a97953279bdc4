package io.divan.storage.leveldb.lsm;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

  /** The files of a directory, by name, as the store has them. */
  static Map<String, FileRow> readAll(Store store, String directory) {
    Map<String, FileRow> found = new HashMap<>();
    for (KeyValue row : read(store, Layout.files(directory))) {
      found.put(Layout.name(row.key()), of(row.value()));
    }
    return found;
  }

  /** The files of a directory that were deleted, and may still have chunks. */
  static List<FileRow> readDeleted(Store store, String directory) {
    return read(store, Layout.deleted(directory)).stream().map(row -> of(row.value())).toList();
  }

  /** A file of a directory as the store has it. */
  static Optional<FileRow> read(Store store, String directory, String name) {
    return store
        .read(transaction -> transaction.get(Layout.FILES, Layout.file(directory, name)))
        .map(FileRow::of);
  }

  private static List<KeyValue> read(Store store, Range range) {
    List<KeyValue> rows = new ArrayList<>();
    Optional<Range> rest = Optional.of(range);
    while (rest.isPresent()) {
      Range next = rest.get();
      Page page = store.read(transaction -> transaction.scan(next));
      rows.addAll(page.rows());
      rest = page.rest();
    }
    return rows;
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

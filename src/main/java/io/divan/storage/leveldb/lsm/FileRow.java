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
 * The metadata of a file in the store.
 *
 * @param token the fencing token of the owner that created the file; with {@code number} it is the
 *     file's id, unique within its directory
 * @param number counts the files of that owner
 * @param length the length in bytes
 */
record FileRow(long token, long number, long length) {

  private static final long FORMAT = 0;

  /**
   * Parses the value of a row.
   *
   * @throws StorageException.StoreUnusable if the format is not supported
   */
  static FileRow of(byte[] value) {
    TupleReader reader = new TupleReader(value);
    long format = reader.nextLong();
    if (format != FORMAT) {
      throw new StorageException.StoreUnusable(
          "LevelDB's files have format " + format + "; this version of Divan supports only format "
              + FORMAT + ". Use the version that wrote them");
    }
    return new FileRow(reader.nextLong(), reader.nextLong(), reader.nextLong());
  }

  /** Reads the files of a directory, by name. */
  static Map<String, FileRow> readAll(Store store, String directory) {
    Map<String, FileRow> found = new HashMap<>();
    for (KeyValue row : read(store, LsmKeys.files(directory))) {
      found.put(LsmKeys.name(row.key()), of(row.value()));
    }
    return found;
  }

  /** Reads the deleted files of a directory that may still have chunks. */
  static List<FileRow> readDeleted(Store store, String directory) {
    return read(store, LsmKeys.deleted(directory)).stream().map(row -> of(row.value())).toList();
  }

  /** Reads a file of a directory. */
  static Optional<FileRow> read(Store store, String directory, String name) {
    return store
        .read(transaction -> transaction.get(LsmKeys.FILES, LsmKeys.file(directory, name)))
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

  /** Returns the number of chunks. */
  long chunks() {
    return (length + LsmKeys.CHUNK_BYTES - 1) / LsmKeys.CHUNK_BYTES;
  }

  /** Returns the size of a chunk in bytes. */
  int chunkBytes(long chunk) {
    return (int) Math.min(LsmKeys.CHUNK_BYTES, length - chunk * LsmKeys.CHUNK_BYTES);
  }

  boolean isSameFile(FileRow other) {
    return token == other.token && number == other.number;
  }
}

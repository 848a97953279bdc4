package io.divan.storage.leveldb.lsm;

import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;

/**
 * Where files lie in a base store. Keys and values are tuples, but for chunks' values. A directory
 * is a prefix of keys: as many databases as one likes live side by side.
 *
 * <ul>
 *   <li>{@code lsm_files}: (directory, 0, name) → (format 0, token, number, length), the file of
 *       that name; (directory, 1, token, number) → the same, a file that was deleted and may still
 *       have chunks.
 *   <li>{@code lsm_chunks}: (directory, token, number, n) → the bytes of the file from n × 64 KiB
 *       on; all chunks but the last have 64 KiB. The first byte of the value says how the rest is
 *       stored: 0 as it is, 1 deflated.
 *   <li>{@code lsm_lock}: the lease of a directory, its two rows behind (directory).
 * </ul>
 *
 * <p>Chunks are found by the file's id, and not by its name, so that a rename is one transaction
 * that moves one row, however long the file is.
 */
final class Layout {

  /** Bytes of a chunk. */
  static final int CHUNK_BYTES = 65_536;

  /** The most chunks one transaction writes: with their keys less than a transaction may hold. */
  static final int BATCH_CHUNKS = 128;

  /** The most characters of a directory's or a file's name: keys are small beside chunks. */
  static final int NAME_MAX = 200;

  static final Table FILES = new Table(1, "lsm_files");
  static final Table CHUNKS = new Table(2, "lsm_chunks");
  static final Table LOCK = new Table(3, "lsm_lock");

  private static final long NAMED = 0;
  private static final long DELETED = 1;

  private Layout() {}

  static byte[] file(String directory, String name) {
    return TupleWriter.pack(directory, NAMED, name);
  }

  static byte[] deleted(String directory, FileRow file) {
    return TupleWriter.pack(directory, DELETED, file.token(), file.number());
  }

  static Range files(String directory) {
    return Range.prefix(FILES, TupleWriter.pack(directory, NAMED));
  }

  static Range deleted(String directory) {
    return Range.prefix(FILES, TupleWriter.pack(directory, DELETED));
  }

  static byte[] chunk(String directory, FileRow file, long chunk) {
    return TupleWriter.pack(directory, file.token(), file.number(), chunk);
  }

  static Range chunks(String directory, FileRow file) {
    return Range.prefix(CHUNKS, TupleWriter.pack(directory, file.token(), file.number()));
  }

  static byte[] lock(String directory) {
    return TupleWriter.pack(directory);
  }

  /** The name in a key of {@link #file}. */
  static String name(byte[] key) {
    TupleReader reader = new TupleReader(key);
    reader.nextString();
    reader.nextLong();
    return reader.nextString();
  }
}

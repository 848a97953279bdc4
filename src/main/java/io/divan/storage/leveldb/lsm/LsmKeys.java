package io.divan.storage.leveldb.lsm;

import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;

/**
 * The keys of files in a base store. Keys and values are tuples, except for chunk values. The
 * directory is a key prefix, so a store can hold any number of databases.
 *
 * <ul>
 *   <li>{@code lsm_files}: (directory, 0, name) → (format 0, token, number, length): the file of
 *       that name; (directory, 1, token, number) → the same: a deleted file that may still have
 *       chunks.
 *   <li>{@code lsm_chunks}: (directory, token, number, n) → the bytes of the file from n × 64 KiB
 *       on; all chunks except the last have 64 KiB. The first byte of the value is the encoding of
 *       the rest: 0 plain, 1 deflated.
 *   <li>{@code lsm_lock}: the lease of a directory, two rows with the prefix (directory).
 * </ul>
 *
 * <p>Chunks are keyed by the file's id instead of its name. Renaming a file of any length therefore
 * moves a single row in one transaction.
 */
final class LsmKeys {

  static final int CHUNK_BYTES = 65_536;

  /**
   * The maximum number of chunks per transaction; with their keys they stay below its size limit.
   */
  static final int BATCH_CHUNKS = 128;

  /**
   * The maximum length of a directory or file name, which keeps keys small compared with chunks.
   */
  static final int NAME_MAX = 200;

  static final Table FILES = new Table(1, "lsm_files");
  static final Table CHUNKS = new Table(2, "lsm_chunks");
  static final Table LOCK = new Table(3, "lsm_lock");

  private static final long NAMED = 0;
  private static final long DELETED = 1;

  private LsmKeys() {}

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

  /** Returns the name in a key of {@link #file}. */
  static String name(byte[] key) {
    TupleReader reader = new TupleReader(key);
    reader.nextString();
    reader.nextLong();
    return reader.nextString();
  }
}

package io.divan.storage.leveldb;

import io.divan.storage.Table;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The key layout of a database within its store. Numbers have 8 bytes, big-endian.
 *
 * <pre>
 *   ROWS       key                        value; preceded by its deadline if values expire
 *   META       "format"                   (1, comparator's name, values expire, snapshots are kept)
 *              "snapshot"                 the number of the last kept snapshot
 *   DEADLINES  deadline, key              empty; the value may have been replaced since
 *   SNAPSHOTS  snapshot                   its deadline; 0 after it is closed
 *   KEPT       snapshot, key              see {@link SnapshotRows}
 * </pre>
 *
 * <p>A deadline is in milliseconds since 1970; 0 means none.
 */
final class Rows {
  static final Table ROWS = new Table(0, "leveldb_rows");
  static final Table META = new Table(1, "leveldb_meta");
  static final Table DEADLINES = new Table(2, "leveldb_deadlines");
  static final Table SNAPSHOTS = new Table(3, "leveldb_snapshots");
  static final Table KEPT = new Table(4, "leveldb_kept");

  private Rows() {}

  static byte[] number(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  static long number(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getLong();
  }

  /** Prepends a number to bytes. */
  static byte[] numbered(long number, byte[] rest) {
    return ByteBuffer.allocate(Long.BYTES + rest.length).putLong(number).put(rest).array();
  }

  /** Returns the bytes after the number. */
  static byte[] rest(byte[] numbered) {
    return Arrays.copyOfRange(numbered, Long.BYTES, numbered.length);
  }
}

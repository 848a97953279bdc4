package io.divan.storage.leveldb;

import io.divan.storage.Table;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * How a database lies in its store. Numbers are 8 bytes, big-endian.
 *
 * <pre>
 *   ROWS       key                        value, where values expire with its deadline before it
 *   META       "format"                   (1, comparator's name, values expire, snapshots are kept)
 *              "snapshot"                 the number of the last snapshot kept
 *   DEADLINES  deadline, key              nothing; the value may be another one by now
 *   SNAPSHOTS  snapshot                   its deadline; 0 once it is closed
 *   KEPT       snapshot, key              see {@link KeptRows}
 * </pre>
 *
 * <p>Deadlines are milliseconds since 1970; 0 is none.
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

  /** A number, then what follows it. */
  static byte[] numbered(long number, byte[] rest) {
    return ByteBuffer.allocate(Long.BYTES + rest.length).putLong(number).put(rest).array();
  }

  /** What follows the number. */
  static byte[] rest(byte[] numbered) {
    return Arrays.copyOfRange(numbered, Long.BYTES, numbered.length);
  }
}

package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.StreamingMode;

/** The remaining row and byte limits of one request for a range. Not thread-safe. */
final class RangeLimits {

  private static final int UNLIMITED = -1;
  private static final int ROW_OVERHEAD = 8;
  private static final int[] ITERATOR_BYTES = {
    4_096, 6_144, 9_216, 13_824, 20_736, 31_104, 46_656, 69_984, 80_000, 120_000
  };

  private int rows;
  private int bytes;
  private boolean hasRow;

  private RangeLimits(int rows, int bytes) {
    this.rows = rows;
    this.bytes = bytes;
  }

  static RangeLimits ofRows(int rows) {
    return new RangeLimits(rows, UNLIMITED);
  }

  /**
   * The limits of request number {@code iteration} for a range.
   *
   * @param rows 0 for no limit
   */
  static RangeLimits of(int rows, StreamingMode mode, int iteration) {
    int bytes =
        switch (mode) {
          case EXACT -> UNLIMITED;
          case SMALL -> 256;
          case MEDIUM -> 1_000;
          case LARGE -> 4_096;
          case SERIAL, WANT_ALL -> 80_000;
          case ITERATOR -> ITERATOR_BYTES[Math.min(iteration, ITERATOR_BYTES.length) - 1];
        };
    if (rows == 0 && bytes == UNLIMITED) {
      throw Errors.of(Errors.EXACT_MODE_WITHOUT_LIMITS);
    }
    return new RangeLimits(rows == 0 ? UNLIMITED : rows, bytes);
  }

  boolean isValid() {
    return rows >= UNLIMITED;
  }

  boolean isReached() {
    return rows == 0 || bytes == 0 && hasRow;
  }

  void take(byte[] key, byte[] value) {
    hasRow = true;
    if (rows != UNLIMITED) {
      rows--;
    }
    if (bytes != UNLIMITED) {
      bytes = Math.max(0, bytes - ROW_OVERHEAD - key.length - value.length);
    }
  }
}

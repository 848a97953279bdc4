package io.divan.storage;

import java.util.Arrays;
import java.util.Optional;

/**
 * The keys of one table from {@code begin}, inclusive, to {@code end}, exclusive, in unsigned byte
 * order or its reverse. Neither callers nor backends change the arrays.
 *
 * @param table the table scanned
 * @param begin the least key read
 * @param end the first key not read, or nothing for the end of the table
 * @param reverse from the greatest key down
 * @param limit the most rows that a scan returns, at least 1; {@link #NO_LIMIT} for all
 * @param conflicts whether a scan within a write transaction conflicts with other transactions'
 *     writes; if not, it reads as {@link WriteTransaction#snapshot()} does
 */
public record Range(
    Table table,
    byte[] begin,
    Optional<byte[]> end,
    boolean reverse,
    int limit,
    boolean conflicts) {

  /** A limit on rows that no scan reaches. */
  public static final int NO_LIMIT = Integer.MAX_VALUE;

  private static final byte[] EMPTY = {};

  /** A range that conflicts. */
  public Range(Table table, byte[] begin, Optional<byte[]> end, boolean reverse, int limit) {
    this(table, begin, end, reverse, limit, true);
  }

  public Range {
    if (limit < 1) {
      throw new IllegalArgumentException("A range's limit is at least 1, not " + limit);
    }
  }

  /** Every row of the table. */
  public static Range all(Table table) {
    return new Range(table, EMPTY, Optional.empty(), false, NO_LIMIT);
  }

  /** The keys from {@code begin}, inclusive, to {@code end}, exclusive. */
  public static Range of(Table table, byte[] begin, byte[] end) {
    return new Range(table, begin, Optional.of(end), false, NO_LIMIT);
  }

  /** The keys from {@code begin} to the end of the table. */
  public static Range from(Table table, byte[] begin) {
    return new Range(table, begin, Optional.empty(), false, NO_LIMIT);
  }

  /** The keys that begin with {@code prefix}. */
  public static Range prefix(Table table, byte[] prefix) {
    return new Range(table, prefix, afterPrefix(prefix), false, NO_LIMIT);
  }

  /** The same keys in the other order. */
  public Range reversed() {
    return new Range(table, begin, end, !reverse, limit, conflicts);
  }

  /** The same range with another limit on rows. */
  public Range limit(int rows) {
    return new Range(table, begin, end, reverse, rows, conflicts);
  }

  /** The same range, read without conflicts, as {@link WriteTransaction#snapshot()} reads. */
  public Range withoutConflict() {
    return new Range(table, begin, end, reverse, limit, false);
  }

  /** What remains of this range after the row {@code key} was read. */
  public Range after(byte[] key) {
    return reverse
        ? new Range(table, begin, Optional.of(key), true, limit, conflicts)
        : new Range(
            table, Arrays.copyOf(key, key.length + 1), end, false, limit, conflicts);
  }

  /** Whether {@code key} lies within the bounds. */
  public boolean contains(byte[] key) {
    return Arrays.compareUnsigned(begin, key) <= 0
        && (end.isEmpty() || Arrays.compareUnsigned(key, end.get()) < 0);
  }

  /** Whether no key can lie within the bounds. */
  public boolean isEmpty() {
    return end.isPresent() && Arrays.compareUnsigned(begin, end.get()) >= 0;
  }

  /** The first key after all that begin with {@code prefix}; nothing when it is 0xFF only. */
  public static Optional<byte[]> afterPrefix(byte[] prefix) {
    int last = prefix.length - 1;
    while (last >= 0 && prefix[last] == (byte) 0xFF) {
      last--;
    }
    if (last < 0) {
      return Optional.empty();
    }
    byte[] after = Arrays.copyOf(prefix, last + 1);
    after[last]++;
    return Optional.of(after);
  }
}

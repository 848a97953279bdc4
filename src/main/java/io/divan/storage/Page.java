package io.divan.storage;

import java.util.List;
import java.util.Optional;

/**
 * The result of one scan: rows, the reason for stopping and the rest of the range, together, so
 * that a limit is never mistaken for the end.
 *
 * @param rows the rows, in the order of the range
 * @param stop why the page ends
 * @param rest the range to scan next, with the same limit on rows; empty exactly if {@code stop}
 *     is {@link Stop#END}
 */
public record Page(List<KeyValue> rows, Stop stop, Optional<Range> rest) {

  /** Why a scan stopped. */
  public enum Stop {
    /** The range holds no more rows. */
    END,
    /** The range's own limit on rows was reached. The rest may hold no rows. */
    ROWS,
    /** The limit on the bytes of one call was reached. */
    BYTES
  }

  /** Returns a page that holds the last row of its range. */
  public static Page end(List<KeyValue> rows) {
    return new Page(rows, Stop.END, Optional.empty());
  }

  /** Returns a page that ends before its range does. */
  public static Page stopped(List<KeyValue> rows, Stop stop, Range rest) {
    return new Page(rows, stop, Optional.of(rest));
  }

  /** The bytes of keys and values. */
  public long bytes() {
    long bytes = 0;
    for (KeyValue row : rows) {
      bytes += row.bytes();
    }
    return bytes;
  }
}

package io.divan.storage;

import java.util.List;
import java.util.Optional;

/**
 * What one scan answered: rows, why it stopped and what remains, together, so that a limit never
 * looks like the end.
 *
 * @param rows the rows, in the order of the range
 * @param stop why there are no more rows
 * @param rest the range to scan for what remains; nothing exactly when {@code stop} is
 *     {@link Stop#END}. Its limit on rows is that of the range scanned
 */
public record Page(List<KeyValue> rows, Stop stop, Optional<Range> rest) {

  /** Why a scan stopped. */
  public enum Stop {
    /** The range holds no more rows. */
    END,
    /** The range's own limit on rows was reached; whether more follow is not known. */
    ROWS,
    /** The limit on bytes of one call was reached. */
    BYTES
  }

  /** All that there was. */
  public static Page end(List<KeyValue> rows) {
    return new Page(rows, Stop.END, Optional.empty());
  }

  /** A page that ended early; {@code rest} remains. */
  public static Page stopped(List<KeyValue> rows, Stop stop, Range rest) {
    return new Page(rows, stop, Optional.of(rest));
  }

  /** Bytes of keys and values. */
  public long bytes() {
    long bytes = 0;
    for (KeyValue row : rows) {
      bytes += row.bytes();
    }
    return bytes;
  }
}

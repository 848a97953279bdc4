package io.divan.storage.fdb;

import io.divan.storage.Range;
import io.divan.storage.Table;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Limits how many ranges are read at once. All of them, unless the recent sizes of the table's
 * ranges suggest that more than half would not fit into the result of one call. Each range read
 * fetches up to 80 KB with its first reply, whether or not it is used. Thread-safe; concurrent
 * calls of {@link #learn} may lose one of the samples.
 */
final class ScanSizes {
  private static final int AT_LEAST = 16;
  private static final int FIRST_GUESS_BYTES = 200;

  /** The mean size of a range in bytes, by the table's number; 0 if unknown. */
  private final AtomicIntegerArray means = new AtomicIntegerArray(256);

  int window(Table table, long bytes) {
    int known = means.get(table.number());
    long mean = known == 0 ? FIRST_GUESS_BYTES : known;
    return (int) Math.max(AT_LEAST, Math.min(Integer.MAX_VALUE / 2, 2 * bytes / mean));
  }

  /** Adds the total size of some ranges; the newest sample weighs as much as all earlier ones. */
  void learn(List<Range> ranges, long bytes) {
    if (ranges.isEmpty()) {
      return;
    }
    int number = ranges.getFirst().table().number();
    int mean = (int) Math.min(Integer.MAX_VALUE / 2, bytes / ranges.size());
    int before = means.get(number);
    means.set(number, Math.max(1, before == 0 ? mean : (before + mean) / 2));
  }
}

package io.divan.storage.fdb;

import io.divan.storage.Range;
import io.divan.storage.Table;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How many ranges to have in flight at once: all, unless what the table's ranges held lately says
 * that one call could not answer half of them. Each range brings up to 80 KB with its first answer,
 * read or not. Safe for use by many threads; of several that learn at once one may be forgotten.
 */
final class ScanSizes {
  private static final int AT_LEAST = 16;
  private static final int FIRST_GUESS_BYTES = 200;

  /** The mean bytes of a range by the table's number; 0 while nothing is known. */
  private final AtomicIntegerArray means = new AtomicIntegerArray(256);

  int window(Table table, long bytes) {
    int known = means.get(table.number());
    long mean = known == 0 ? FIRST_GUESS_BYTES : known;
    return (int) Math.max(AT_LEAST, Math.min(Integer.MAX_VALUE / 2, 2 * bytes / mean));
  }

  /** Learns what some ranges held, the newest as much as all before. */
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

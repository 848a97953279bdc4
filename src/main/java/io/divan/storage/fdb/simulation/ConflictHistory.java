package io.divan.storage.fdb.simulation;

import java.util.Map;
import java.util.TreeMap;

/**
 * The version at which each key was last written, as far back as running transactions may reach.
 * Guarded by the cluster's lock.
 *
 * <ol>
 *   <li>A boundary's version applies to all keys from it to the next boundary. The first boundary
 *       is the empty key.
 *   <li>Versions at or below {@code oldest} are equivalent, because no transaction with a read
 *       version below {@code oldest} may commit. Each write sweeps a few boundaries and merges
 *       equivalent neighbours, so memory is bounded by the writes of the last five seconds.
 * </ol>
 */
final class ConflictHistory {

  private static final int SWEPT_PER_WRITE = 4;

  private final TreeMap<byte[], Long> boundaries = new TreeMap<>(Keys::compare);
  private byte[] sweepFrom = Keys.EMPTY;
  private long oldest;

  ConflictHistory() {
    reset(0);
  }

  /** Clears the history; transactions with a read version below {@code version} are too old. */
  void reset(long version) {
    boundaries.clear();
    boundaries.put(Keys.EMPTY, 0L);
    sweepFrom = Keys.EMPTY;
    oldest = version;
  }

  long oldest() {
    return oldest;
  }

  /** Raises the version below which transactions are too old. */
  void forget(long version) {
    oldest = Math.max(oldest, version);
  }

  boolean isWrittenSince(KeyRange range, long version) {
    byte[] first = boundaries.floorKey(range.begin());
    for (long written : boundaries.subMap(first, true, range.end(), false).values()) {
      if (written > version) {
        return true;
      }
    }
    return false;
  }

  void write(KeyRange range, long version) {
    long following = boundaries.floorEntry(range.end()).getValue();
    boundaries.subMap(range.begin(), true, range.end(), false).clear();
    boundaries.put(range.begin(), version);
    boundaries.putIfAbsent(range.end(), following);
    for (int i = 0; i < SWEPT_PER_WRITE; i++) {
      sweep();
    }
  }

  private void sweep() {
    Map.Entry<byte[], Long> next = boundaries.higherEntry(sweepFrom);
    if (next == null) {
      sweepFrom = Keys.EMPTY;
      return;
    }
    sweepFrom = next.getKey();
    long before = boundaries.lowerEntry(sweepFrom).getValue();
    if (before == next.getValue() || before <= oldest && next.getValue() <= oldest) {
      boundaries.remove(sweepFrom);
    }
  }

  int size() {
    return boundaries.size();
  }
}

package io.divan.storage.fdb.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The watches of committed transactions, by key. Guarded by the cluster's lock. */
final class WatchTable {

  private final TreeMap<byte[], Set<PendingWatch>> byKey = new TreeMap<>(Keys::compare);

  void add(PendingWatch watch) {
    byKey.computeIfAbsent(watch.key(), key -> new HashSet<>()).add(watch);
  }

  void remove(PendingWatch watch) {
    Set<PendingWatch> watches = byKey.get(watch.key());
    if (watches != null && watches.remove(watch) && watches.isEmpty()) {
      byKey.remove(watch.key());
    }
  }

  /** Removes the watches of a key whose value has changed, and adds them to {@code fired}. */
  void takeChanged(byte[] key, byte @Nullable [] value, List<PendingWatch> fired) {
    Set<PendingWatch> watches = byKey.get(key);
    if (watches == null) {
      return;
    }
    for (Iterator<PendingWatch> each = watches.iterator(); each.hasNext();) {
      PendingWatch watch = each.next();
      if (!Arrays.equals(watch.value(), value)) {
        each.remove();
        fired.add(watch);
      }
    }
    if (watches.isEmpty()) {
      byKey.remove(key);
    }
  }

  /** The watched keys in a range. */
  List<byte[]> keys(KeyRange range) {
    return new ArrayList<>(byKey.subMap(range.begin(), true, range.end(), false).keySet());
  }

  int size() {
    return byKey.values().stream().mapToInt(Set::size).sum();
  }
}

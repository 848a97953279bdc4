package io.divan.storage.fdb.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A set of keys, as ranges that neither overlap nor touch. Not thread-safe. */
final class KeyRanges {

  private final TreeMap<byte[], byte[]> ends = new TreeMap<>(Keys::compare);

  void add(KeyRange range) {
    if (range.isEmpty()) {
      return;
    }
    byte[] begin = range.begin();
    byte[] end = range.end();
    Map.Entry<byte[], byte[]> before = ends.floorEntry(end);
    while (before != null && Keys.compare(before.getValue(), begin) >= 0) {
      begin = Keys.min(begin, before.getKey());
      end = Keys.max(end, before.getValue());
      ends.remove(before.getKey());
      before = ends.floorEntry(end);
    }
    ends.put(begin, end);
  }

  List<KeyRange> ranges() {
    List<KeyRange> ranges = new ArrayList<>(ends.size());
    ends.forEach((begin, end) -> ranges.add(new KeyRange(begin, end)));
    return ranges;
  }
}

package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.KeyArrayResult;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Splits a range into chunks of about equal size. */
final class SplitPoints {

  private SplitPoints() {}

  static KeyArrayResult of(KeyTree tree, KeyRange range, long chunkBytes) {
    List<byte[]> points = new ArrayList<>();
    points.add(range.begin());
    long sum = 0;
    KeyTree.Node entry = tree.ceiling(range.begin());
    while (entry != null && Keys.compare(entry.key, range.end()) < 0) {
      if (sum >= chunkBytes) {
        points.add(entry.key);
        sum = 0;
      }
      sum += entry.key.length + entry.value.length;
      entry = tree.ceiling(Keys.after(entry.key));
    }
    points.add(range.end());
    return result(points);
  }

  private static KeyArrayResult result(List<byte[]> keys) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    keys.forEach(bytes::writeBytes);
    return new KeyArrayResult(
        bytes.toByteArray(), keys.stream().mapToInt(key -> key.length).toArray());
  }
}

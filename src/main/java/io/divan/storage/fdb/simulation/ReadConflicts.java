package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.KeySelector;
import java.util.List;

/**
 * The read conflict ranges of one transaction: {@code addConflictRange} and {@code
 * updateConflictMap} of fdbclient/ReadYourWrites.actor.cpp. Keys whose value follows from the
 * transaction's own writes alone add no conflict. Not thread-safe.
 */
final class ReadConflicts {

  /** The selectors of a range read, without {@code orEqual}, and its direction. */
  record RangeRead(NormalizedSelector begin, NormalizedSelector end, boolean reverse) {}

  private final KeyRanges ranges = new KeyRanges();
  private final WriteMap writes;
  private long bytes;

  ReadConflicts(WriteMap writes) {
    this.writes = writes;
  }

  List<KeyRange> ranges() {
    return ranges.ranges();
  }

  /** The size of the ranges, which counts towards the transaction's limit. */
  long bytes() {
    return bytes;
  }

  void key(byte[] key) {
    WriteMap.Segment segment = writes.at(key);
    if (dependsOnSnapshot(segment)) {
      bytes += 2L * key.length + 1 + ClusterLimits.RANGE_OVERHEAD;
      ranges.add(KeyRange.ofKey(key));
    }
  }

  void range(KeyRange range) {
    if (range.isEmpty()) {
      return;
    }
    WriteMap.Segment segment = writes.at(range.begin());
    while (Keys.compare(segment.begin(), range.end()) < 0) {
      if (dependsOnSnapshot(segment)) {
        bytes += range.bytes() + ClusterLimits.RANGE_OVERHEAD;
        ranges.add(
            new KeyRange(
                Keys.max(range.begin(), segment.begin()), Keys.min(range.end(), segment.end())));
      }
      segment = writes.after(segment);
    }
  }

  /** Adds a range unchanged, for a transaction that does not read its own writes. */
  void unchecked(KeyRange range) {
    ranges.add(range);
  }

  private static boolean dependsOnSnapshot(WriteMap.Segment segment) {
    return segment.isUnmodified() || segment.operation() && !segment.isIndependent();
  }

  /** The keys that the resolution of a selector to {@code result} depends on. */
  static KeyRange ofSelector(KeySelector selector, byte[] result) {
    byte[] key = selector.orEqual() ? Keys.after(selector.getKey()) : selector.getKey();
    return selector.getOffset() <= 0
        ? new KeyRange(result, key)
        : new KeyRange(key, Keys.after(result));
  }

  /** The keys that the result of a range read depends on; {@code limit} ends the readable keys. */
  static KeyRange ofRange(RangeRead read, RangeChunk chunk, byte[] limit) {
    byte[] beginKey = read.begin().key();
    byte[] endKey = read.end().key();
    byte[] begin;
    byte[] end;
    if (Keys.compare(beginKey, endKey) < 0) {
      // Rows beyond the limit cannot change the result.
      boolean cutEnd = !read.reverse() && read.end().offset() > 0 && chunk.more();
      boolean cutBegin = read.reverse() && read.begin().offset() <= 1 && chunk.more();
      begin = cutBegin ? endKey : beginKey;
      end = cutEnd ? beginKey : endKey;
    } else {
      begin = endKey;
      end = beginKey;
    }
    if (chunk.readToBegin() && read.begin().offset() <= 0) {
      begin = Keys.EMPTY;
    }
    if (chunk.readThroughEnd() && read.end().offset() > 0) {
      end = limit;
    }
    return chunk.rows().isEmpty()
        ? new KeyRange(begin, end)
        : covering(read, chunk, begin, end);
  }

  private static KeyRange covering(RangeRead read, RangeChunk chunk, byte[] begin, byte[] end) {
    byte[] smallest = read.reverse() ? chunk.lastKey() : chunk.firstKey();
    byte[] largest = read.reverse() ? chunk.firstKey() : chunk.lastKey();
    byte[] from = read.reverse() || read.begin().offset() <= 0 ? Keys.min(begin, smallest) : begin;
    boolean extend = !read.reverse() || read.end().offset() > 0;
    byte[] until = extend && Keys.compare(end, largest) <= 0 ? Keys.after(largest) : end;
    return new KeyRange(from, until);
  }

  /** As {@link #ofRange}, for a transaction that does not read its own writes (NativeAPI). */
  static KeyRange ofUncachedRange(RangeRead read, RangeChunk chunk) {
    int beginOffset = read.begin().offset();
    int endOffset = read.end().offset();
    boolean none = chunk.rows().isEmpty();
    byte[] begin = uncachedBegin(read, chunk, none);
    if (endOffset > beginOffset && Keys.compare(read.end().key(), begin) < 0) {
      begin = read.end().key();
    }
    byte[] end;
    if (chunk.readThroughEnd()) {
      end = Keys.END;
    } else if ((read.reverse() || !chunk.more() || endOffset <= 0) && endOffset <= 1 || none) {
      end = read.end().key();
    } else {
      end = Keys.after(read.reverse() ? chunk.firstKey() : chunk.lastKey());
    }
    if (beginOffset < endOffset && Keys.compare(read.begin().key(), end) > 0) {
      end = read.begin().key();
    }
    return new KeyRange(begin, end);
  }

  private static byte[] uncachedBegin(RangeRead read, RangeChunk chunk, boolean none) {
    int offset = read.begin().offset();
    if (chunk.readToBegin()) {
      return Keys.EMPTY;
    }
    if ((!read.reverse() || !chunk.more() || offset > 1) && offset > 0 || none) {
      return read.begin().key();
    }
    return read.reverse() ? chunk.lastKey() : chunk.firstKey();
  }
}

package io.divan.query.find;

import io.divan.query.index.IndexRow;
import io.divan.query.plan.KeyRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The parts of ranges that a bookmark leaves. */
final class RangesLeft {
  private static final byte ABOVE_ALL = (byte) 0xFF;

  private RangesLeft() {}

  /**
   * Cuts ranges at a bookmark, which may be of another index. Where rows with equal columns are not
   * in the order of the keys, all of them are left.
   *
   * @param ranges in ascending order
   */
  static List<KeyRange> after(
      List<KeyRange> ranges, Optional<Bookmark> bookmark, boolean descending) {
    if (bookmark.isEmpty()) {
      return ranges;
    }
    byte[] key = key(bookmark.get(), descending);
    List<KeyRange> left = new ArrayList<>();
    for (KeyRange range : ranges) {
      KeyRange part =
          descending
              ? new KeyRange(range.begin(), least(range.end(), key))
              : new KeyRange(greatest(range.begin(), key), range.end());
      if (Arrays.compareUnsigned(part.begin(), part.end()) < 0) {
        left.add(part);
      }
    }
    return left;
  }

  /** The first key that is left, or the last one, exclusive, if the order is descending. */
  private static byte[] key(Bookmark bookmark, boolean descending) {
    byte[] columns = bookmark.columns();
    if (bookmark.ordinal() > 0) {
      return descending ? extended(columns, ABOVE_ALL) : columns;
    }
    byte[] row = IndexRow.key(columns, bookmark.id());
    return descending ? row : extended(row, (byte) 0);
  }

  private static byte[] extended(byte[] key, byte last) {
    byte[] extended = Arrays.copyOf(key, key.length + 1);
    extended[key.length] = last;
    return extended;
  }

  private static byte[] least(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b) <= 0 ? a : b;
  }

  private static byte[] greatest(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b) >= 0 ? a : b;
  }
}

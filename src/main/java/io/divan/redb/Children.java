package io.divan.redb;

import static io.divan.redb.LittleEndian.putInt32;
import static io.divan.redb.LittleEndian.putInt64;
import static io.divan.redb.LittleEndian.putUnsigned16;
import static io.divan.redb.TreeFormat.BRANCH;
import static io.divan.redb.TreeFormat.BRANCH_HEADER_BYTES;
import static io.divan.redb.TreeFormat.CHECKSUM_BYTES;
import static io.divan.redb.TreeFormat.CHILD_BYTES;
import static io.divan.redb.TreeFormat.COUNT_AT;
import static io.divan.redb.TreeFormat.END_BYTES;
import static io.divan.redb.TreeFormat.VARIABLE;

import java.util.Arrays;

/**
 * An ordered list of children to be written into new branches. Each entry has a page, a checksum
 * and a bound: a key that is not less than any key of the child and less than every key of the next
 * child. The last child needs a bound only if others follow. Bounds refer to arrays without copying
 * them; those arrays must not change until the branches are written. Reusable after {@link #clear}.
 * Not thread-safe.
 */
final class Children {
  private static final byte[] NOTHING = {};

  private final TreeFormat format;
  private int count;
  private long[] pages = new long[16];
  private long[] lows = new long[16];
  private long[] highs = new long[16];
  private byte[][] bounds = new byte[16][];
  private int[] boundFrom = new int[16];
  private int[] boundLength = new int[16];

  Children(TreeFormat format) {
    this.format = format;
  }

  int count() {
    return count;
  }

  long page(int i) {
    return pages[i];
  }

  long checksumLow(int i) {
    return lows[i];
  }

  long checksumHigh(int i) {
    return highs[i];
  }

  void clear() {
    Arrays.fill(bounds, 0, count, NOTHING);
    count = 0;
  }

  void add(long page, long checksumLow, long checksumHigh) {
    if (count == pages.length) {
      grow();
    }
    pages[count] = page;
    lows[count] = checksumLow;
    highs[count] = checksumHigh;
    bounds[count] = NOTHING;
    boundFrom[count] = 0;
    boundLength[count] = 0;
    count++;
  }

  /** Adds a newly written page, without a bound. */
  void addNew(long page) {
    add(page, Checksum.DEFERRED.low(), Checksum.DEFERRED.high());
  }

  /** Adds a range of a branch's children, with their bounds. */
  void addAll(Node branch, int from, int to) {
    for (int i = from; i < to; i++) {
      add(branch.child(i), branch.checksumLow(i), branch.checksumHigh(i));
      if (i < branch.count()) {
        bound(branch, i);
      }
    }
  }

  void addAll(Children others, int from, int to) {
    for (int i = from; i < to; i++) {
      add(others.pages[i], others.lows[i], others.highs[i]);
      bound(others.bounds[i], others.boundFrom[i], others.boundLength[i]);
    }
  }

  /** Sets the bound of the last child. */
  void bound(byte[] array, int from, int length) {
    bounds[count - 1] = array;
    boundFrom[count - 1] = from;
    boundLength[count - 1] = length;
  }

  /** Sets the bound of the last child to that of child {@code i} of a branch. */
  void bound(Node branch, int i) {
    int from = branch.keyAt(i);
    bound(branch.bytes(), from, branch.keyTo(i, from) - from);
  }

  /** Sets the bound of the last child to that of another list's child {@code i}. */
  void bound(Children others, int i) {
    bound(others.bounds[i], others.boundFrom[i], others.boundLength[i]);
  }

  private void grow() {
    int size = 2 * count;
    pages = Arrays.copyOf(pages, size);
    lows = Arrays.copyOf(lows, size);
    highs = Arrays.copyOf(highs, size);
    bounds = Arrays.copyOf(bounds, size);
    boundFrom = Arrays.copyOf(boundFrom, size);
    boundLength = Arrays.copyOf(boundLength, size);
  }

  /** Returns the size of a branch with these children, in bytes. */
  long bytes(int from, int to) {
    long keyBytes = 0;
    for (int i = from; i < to - 1; i++) {
      keyBytes += boundLength[i];
    }
    return format.branchBytes(to - from, keyBytes);
  }

  /**
   * Returns where to split four or more children so that both halves have at least two and the
   * larger half is as small as possible.
   */
  int middle(int from, int to) {
    long left = bytes(from, from + 2);
    long right = bytes(from + 2, to);
    int cut = from + 2;
    long child = format.branchBytes(2, 0) - format.branchBytes(1, 0);
    while (cut + 2 < to) {
      long nextLeft = left + child + boundLength[cut - 1];
      if (Math.max(left, right) <= nextLeft) {
        break;
      }
      left = nextLeft;
      right -= child + boundLength[cut];
      cut++;
    }
    return cut;
  }

  /** Writes a branch with these children; its size is {@link #bytes}. */
  void write(int from, int to, byte[] branch) {
    int children = to - from;
    branch[0] = BRANCH;
    branch[1] = 0;
    putUnsigned16(branch, COUNT_AT, children - 1);
    putInt32(branch, Integer.BYTES, 0);
    int checksumAt = BRANCH_HEADER_BYTES;
    int pageAt = BRANCH_HEADER_BYTES + CHECKSUM_BYTES * children;
    for (int i = from; i < to; i++) {
      putInt64(branch, checksumAt, lows[i]);
      putInt64(branch, checksumAt + Long.BYTES, highs[i]);
      putInt64(branch, pageAt, pages[i]);
      checksumAt += CHECKSUM_BYTES;
      pageAt += Long.BYTES;
    }
    boolean ends = format.keyWidth() == VARIABLE;
    int endAt = BRANCH_HEADER_BYTES + CHILD_BYTES * children;
    int at = endAt + (ends ? END_BYTES * (children - 1) : 0);
    for (int i = from; i < to - 1; i++) {
      System.arraycopy(bounds[i], boundFrom[i], branch, at, boundLength[i]);
      at += boundLength[i];
      if (ends) {
        putInt32(branch, endAt, at);
        endAt += END_BYTES;
      }
    }
  }

  /** Replaces a child of a branch and defers its checksum. */
  static void patch(byte[] branch, Node layout, int i, long page) {
    putChecksum(branch, layout, i, Checksum.DEFERRED.low(), Checksum.DEFERRED.high());
    int pagesAt = BRANCH_HEADER_BYTES + CHECKSUM_BYTES * (layout.count() + 1);
    putInt64(branch, pagesAt + Long.BYTES * i, page);
  }

  static void putChecksum(byte[] branch, Node layout, int i, long low, long high) {
    int at = layout.checksumAt(i);
    putInt64(branch, at, low);
    putInt64(branch, at + Long.BYTES, high);
  }
}

package io.divan.redb;

import static io.divan.redb.LittleEndian.int32;
import static io.divan.redb.LittleEndian.int64;
import static io.divan.redb.LittleEndian.unsigned16;
import static io.divan.redb.TreeFormat.BRANCH;
import static io.divan.redb.TreeFormat.BRANCH_HEADER_BYTES;
import static io.divan.redb.TreeFormat.CHECKSUM_BYTES;
import static io.divan.redb.TreeFormat.CHILD_BYTES;
import static io.divan.redb.TreeFormat.COUNT_AT;
import static io.divan.redb.TreeFormat.END_BYTES;
import static io.divan.redb.TreeFormat.LEAF;
import static io.divan.redb.TreeFormat.LEAF_HEADER_BYTES;
import static io.divan.redb.TreeFormat.VARIABLE;

import java.util.Arrays;

/**
 * A view of one page of a tree. It is reused for many pages, so reading allocates nothing. {@link
 * TreeFormat} describes the page layout. Not thread-safe.
 *
 * <ol>
 *   <li>After {@link #load}, 0 ≤ keysAt ≤ keysTo ≤ used ≤ the array's length, and the tables of
 *       children and of ends lie before keysAt.
 *   <li>The position of a single key or value is checked on access: a returned range lies within
 *       the keys or within the values, or the access throws {@link RedbException.Corrupted}.
 * </ol>
 */
final class Node {
  private final int keyWidth;
  private final int valueWidth;
  private final KeyOrder order;
  private final String tree;

  private long page;
  private byte[] bytes = {};
  private boolean leaf;
  private int count;
  private int keyEndsAt;
  private int valueEndsAt;
  private int keysAt;
  private int keysTo;
  private int used;

  Node(TreeFormat format, String tree) {
    this.keyWidth = format.keyWidth();
    this.valueWidth = format.valueWidth();
    this.order = format.order();
    this.tree = tree;
  }

  /**
   * Makes this a view of a page.
   *
   * @throws RedbException.Corrupted if it is not a page of a tree, or if its sections do not fit
   *     into it
   */
  void load(long newPage, byte[] newBytes) {
    page = newPage;
    bytes = newBytes;
    count = unsigned16(newBytes, COUNT_AT);
    if (count == 0) {
      throw corrupted("it is empty");
    }
    int type = newBytes[0];
    if (type == LEAF) {
      leaf = true;
      loadLeaf();
    } else if (type == BRANCH) {
      leaf = false;
      loadBranch();
    } else {
      throw corrupted("it is neither a leaf nor a branch");
    }
  }

  private void loadLeaf() {
    keyEndsAt = LEAF_HEADER_BYTES;
    valueEndsAt = keyEndsAt + (keyWidth == VARIABLE ? END_BYTES * count : 0);
    keysAt = valueEndsAt + (valueWidth == VARIABLE ? END_BYTES * count : 0);
    keysTo = end(keyWidth, keysAt, keyEndsAt);
    used = end(valueWidth, keysTo, valueEndsAt);
  }

  /** Implements {@link Pages.Check#used} with the same computation as for a complete page. */
  int used(byte[] head, int known) {
    int entries = unsigned16(head, COUNT_AT);
    int valueEnds = LEAF_HEADER_BYTES + (keyWidth == VARIABLE ? END_BYTES * entries : 0);
    if (head[0] != LEAF
        || entries == 0
        || valueWidth != VARIABLE
        || valueEnds + END_BYTES * entries > known) {
      return head.length;
    }
    return Math.clamp(
        int32(head, valueEnds + END_BYTES * (entries - 1)) & 0xFFFFFFFFL, known, head.length);
  }

  private void loadBranch() {
    keyEndsAt = BRANCH_HEADER_BYTES + CHILD_BYTES * (count + 1);
    valueEndsAt = 0;
    keysAt = keyEndsAt + (keyWidth == VARIABLE ? END_BYTES * count : 0);
    keysTo = end(keyWidth, keysAt, keyEndsAt);
    used = keysTo;
  }

  /**
   * Returns the end of a section that starts at {@code from}, by its width or by its last stored
   * end.
   */
  private int end(int width, int from, int endsAt) {
    if (from > bytes.length) {
      throw corrupted("it is too small for its " + count + " entries");
    }
    long end =
        width == VARIABLE
            ? int32(bytes, endsAt + END_BYTES * (count - 1)) & 0xFFFFFFFFL
            : from + (long) width * count;
    if (end < from || end > bytes.length) {
      throw corrupted("its content ends at " + end);
    }
    return (int) end;
  }

  long page() {
    return page;
  }

  byte[] bytes() {
    return bytes;
  }

  boolean isLeaf() {
    return leaf;
  }

  /** Returns the number of pairs in a leaf, or of keys in a branch. */
  int count() {
    return count;
  }

  /** Returns the number of meaningful bytes of the page. */
  int used() {
    return used;
  }

  int keysAt() {
    return keysAt;
  }

  /** Returns where the keys end; in a leaf, the values begin there. */
  int keysTo() {
    return keysTo;
  }

  /** Returns the size of the keys and values in bytes. */
  int contentBytes() {
    return used - keysAt;
  }

  /**
   * Returns whether this is a leaf with a single pair that needs more than a page of 4096 bytes.
   */
  boolean isLarge() {
    return leaf && count == 1 && used > PageNumber.PAGE_BYTES;
  }

  /**
   * Returns where key {@code i} begins. For {@code i} equal to the count, returns where the last
   * key ends.
   */
  int keyAt(int i) {
    int at;
    if (keyWidth != VARIABLE) {
      return keysAt + keyWidth * i;
    } else if (i == 0) {
      return keysAt;
    } else {
      at = int32(bytes, keyEndsAt + END_BYTES * (i - 1));
    }
    if (at < keysAt || at > keysTo) {
      throw corrupted("key " + (i - 1) + " ends at " + at);
    }
    return at;
  }

  /** Returns where key {@code i} ends, which begins at {@code from}. */
  int keyTo(int i, int from) {
    int to = keyAt(i + 1);
    if (to < from) {
      throw corrupted("key " + i + " ends before it begins");
    }
    return to;
  }

  /**
   * Returns where value {@code i} begins. For {@code i} equal to the count, returns where the last
   * value ends.
   */
  int valueAt(int i) {
    int at;
    if (valueWidth != VARIABLE) {
      return keysTo + valueWidth * i;
    } else if (i == 0) {
      return keysTo;
    } else {
      at = int32(bytes, valueEndsAt + END_BYTES * (i - 1));
    }
    if (at < keysTo || at > used) {
      throw corrupted("value " + (i - 1) + " ends at " + at);
    }
    return at;
  }

  /** Returns where value {@code i} ends, which begins at {@code from}. */
  int valueTo(int i, int from) {
    int to = valueAt(i + 1);
    if (to < from) {
      throw corrupted("value " + i + " ends before it begins");
    }
    return to;
  }

  long child(int i) {
    return int64(bytes, BRANCH_HEADER_BYTES + CHECKSUM_BYTES * (count + 1) + Long.BYTES * i);
  }

  /** Returns the position of the checksum of child {@code i}. */
  int checksumAt(int i) {
    return BRANCH_HEADER_BYTES + CHECKSUM_BYTES * i;
  }

  long checksumLow(int i) {
    return int64(bytes, checksumAt(i));
  }

  long checksumHigh(int i) {
    return int64(bytes, checksumAt(i) + Long.BYTES);
  }

  /** Compares key {@code i} with another key. */
  int compare(int i, byte[] other, int from, int to) {
    int at = keyAt(i);
    int end = keyTo(i, at);
    return compare(bytes, at, end, other, from, to);
  }

  /** Compares two keys in any arrays. */
  int compare(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
    // Avoid a virtual call for the most common order.
    return order == KeyOrder.BYTES
        ? Arrays.compareUnsigned(a, aFrom, aTo, b, bFrom, bTo)
        : order.compare(a, aFrom, aTo, b, bFrom, bTo);
  }

  /**
   * Returns the index of the first entry whose key is not less than {@code key}, or the count; in a
   * branch this is the child that may hold the key. If the key is not in the page, returns the
   * complement ({@code ~}) of that index.
   */
  int search(byte[] key) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      int compared = compare(middle, key, 0, key.length);
      if (compared < 0) {
        low = middle + 1;
      } else if (compared == 0) {
        return middle;
      } else {
        high = middle;
      }
    }
    return ~low;
  }

  /** Returns the index of the first entry whose key is not less than {@code key}, or the count. */
  int lowerBound(byte[] key) {
    int found = search(key);
    return found < 0 ? ~found : found;
  }

  /** Checks all ends, so that copying from this page yields valid entries or fails. */
  void checkEntries() {
    int at = keysAt;
    for (int i = 0; i < count; i++) {
      at = keyTo(i, at);
    }
    if (leaf) {
      at = keysTo;
      for (int i = 0; i < count; i++) {
        at = valueTo(i, at);
      }
    }
  }

  /** Computes the checksum of the page's content. */
  Checksum checksum() {
    return Checksums.of(bytes, 0, used);
  }

  /** Returns the exception for a damaged page. */
  RedbException.Corrupted corrupted(String what) {
    return corrupted(tree, page, what);
  }

  static RedbException.Corrupted corrupted(String tree, long page, String what) {
    return new RedbException.Corrupted(
        tree + ", page " + PageNumber.text(page) + " is corrupted: " + what);
  }
}

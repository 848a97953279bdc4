package io.divan.redb;

import static io.divan.redb.PageNumber.PAGE_BYTES;

import java.util.OptionalInt;

/**
 * How the pairs of a tree lie in its pages.
 *
 * <p>A leaf of n ≥ 1 pairs, little-endian throughout:
 *
 * <pre>
 *   0       1      1
 *   1       1      0
 *   2       2      n
 *   4       4 × n  where each key ends, counted from the page's first byte; not there where keys
 *                  have one width
 *           4 × n  where each value ends, likewise
 *                  keys
 *                  values
 * </pre>
 *
 * <p>A branch of n ≥ 1 keys and n + 1 children; child i holds the keys greater than key i − 1 and
 * not greater than key i:
 *
 * <pre>
 *   0       1      2
 *   1       1      0
 *   2       2      n
 *   4       4      0
 *   8       16 × (n + 1)  the children's checksums
 *           8 × (n + 1)   the children's page numbers
 *           4 × n         where each key ends; not there where keys have one width
 *                         keys
 * </pre>
 *
 * <p>A page's checksum is that of its bytes from the first one to the end of its last value (leaf)
 * or its last key (branch); what lies behind has no meaning.
 *
 * @param keyWidth the width of all keys, or {@link #VARIABLE}
 * @param valueWidth the width of all values, or {@link #VARIABLE}
 * @param order the order of keys
 */
record TreeFormat(int keyWidth, int valueWidth, KeyOrder order) {
  static final int VARIABLE = -1;

  static final int LEAF = 1;
  static final int BRANCH = 2;
  static final int COUNT_AT = 2;
  static final int LEAF_HEADER_BYTES = 4;
  static final int BRANCH_HEADER_BYTES = 8;
  static final int CHECKSUM_BYTES = 16;
  static final int CHILD_BYTES = CHECKSUM_BYTES + Long.BYTES;
  static final int END_BYTES = Integer.BYTES;

  /** The most that a count of pairs or keys can say. */
  static final int COUNT_MAX = 0xFFFF;

  /** More levels than any tree needs; beyond it a file is corrupted. redb has the same limit. */
  static final int DEPTH_MAX = 128;

  /** A leaf or branch smaller than this gives way to its neighbour. */
  static final int SMALL_BYTES = PAGE_BYTES / 3;

  /** The most bytes of a page: what an array in Java holds, as a power of two. */
  static final int NODE_BYTES_MAX = 1 << 30;

  /** The most bytes of a key, of which a branch must hold two. */
  static final int KEY_BYTES_MAX = 1 << 28;

  TreeFormat {
    if (keyWidth < VARIABLE || valueWidth < VARIABLE) {
      throw new IllegalArgumentException("a negative width");
    }
    if (!order.fits(keyWidth)) {
      throw new IllegalArgumentException("the order " + order + " needs keys of another width");
    }
  }

  static TreeFormat of(OptionalInt fixedKey, OptionalInt fixedValue, KeyOrder order) {
    return new TreeFormat(fixedKey.orElse(VARIABLE), fixedValue.orElse(VARIABLE), order);
  }

  /** Bytes of the ends that a leaf has for each pair. */
  int endBytes() {
    return (keyWidth == VARIABLE ? END_BYTES : 0) + (valueWidth == VARIABLE ? END_BYTES : 0);
  }

  /** The size of a leaf. */
  long leafBytes(int pairs, long contentBytes) {
    return LEAF_HEADER_BYTES + (long) endBytes() * pairs + contentBytes;
  }

  /** The size of a branch. */
  long branchBytes(int children, long keyBytes) {
    long ends = keyWidth == VARIABLE ? (long) END_BYTES * (children - 1) : 0;
    return BRANCH_HEADER_BYTES + (long) CHILD_BYTES * children + ends + keyBytes;
  }

  /**
   * Refuses what cannot be a key.
   *
   * @throws IllegalArgumentException when it is longer than {@link #KEY_BYTES_MAX}, or not as wide
   *     as all keys are
   */
  void checkKey(byte[] key) {
    if (keyWidth != VARIABLE && key.length != keyWidth) {
      throw new IllegalArgumentException(
          "a key of " + key.length + " bytes where all have " + keyWidth);
    }
    if (key.length > KEY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a key of " + key.length + " bytes; at most " + KEY_BYTES_MAX + " are possible");
    }
  }

  /**
   * Refuses what cannot be a pair.
   *
   * @throws IllegalArgumentException when it does not fit into the largest page, or a part of it is
   *     not as wide as all are
   */
  void checkPair(byte[] key, byte[] value) {
    checkKey(key);
    if (valueWidth != VARIABLE && value.length != valueWidth) {
      throw new IllegalArgumentException(
          "a value of " + value.length + " bytes where all have " + valueWidth);
    }
    long bytes = leafBytes(1, (long) key.length + value.length);
    if (bytes > NODE_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a pair that takes " + bytes + " bytes; at most " + NODE_BYTES_MAX + " are possible");
    }
  }
}

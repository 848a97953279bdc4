package io.divan.redb;

import static io.divan.redb.PageNumber.PAGE_BYTES;

import java.util.OptionalInt;

/**
 * The page format of a tree.
 *
 * <p>A leaf of n ≥ 1 pairs, little-endian throughout:
 *
 * <pre>
 *   0       1      1
 *   1       1      0
 *   2       2      n
 *   4       4 × n  where each key ends, as an offset within the page; absent if keys have a
 *                  fixed width
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
 *   8       16 × (n + 1)  checksums of the children
 *           8 × (n + 1)   page numbers of the children
 *           4 × n         where each key ends; absent if keys have a fixed width
 *                         keys
 * </pre>
 *
 * <p>The checksum of a page covers its bytes from the first to the end of the last value (leaf) or
 * of the last key (branch). The bytes after that are undefined.
 *
 * @param keyWidth the fixed width of keys, or {@link #VARIABLE}
 * @param valueWidth the fixed width of values, or {@link #VARIABLE}
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

  /** The highest number of pairs or keys that a page can store. */
  static final int COUNT_MAX = 0xFFFF;

  /**
   * The maximum depth, more than any tree needs. A deeper file is corrupted. The same limit as in
   * redb.
   */
  static final int DEPTH_MAX = 128;

  /** A leaf or branch smaller than this is merged into a neighbour. */
  static final int SMALL_BYTES = PAGE_BYTES / 3;

  /** The maximum size of a page: the largest power of two that a Java array can hold. */
  static final int NODE_BYTES_MAX = 1 << 30;

  /** The maximum size of a key: a branch must be able to hold two. */
  static final int KEY_BYTES_MAX = 1 << 28;

  TreeFormat {
    if (keyWidth < VARIABLE || valueWidth < VARIABLE) {
      throw new IllegalArgumentException("negative width");
    }
    if (!order.fits(keyWidth)) {
      throw new IllegalArgumentException(
          "order " + order + " does not fit keys of width " + keyWidth);
    }
  }

  static TreeFormat of(OptionalInt fixedKey, OptionalInt fixedValue, KeyOrder order) {
    return new TreeFormat(fixedKey.orElse(VARIABLE), fixedValue.orElse(VARIABLE), order);
  }

  /** Returns the number of bytes per pair for the ends in a leaf. */
  int endBytes() {
    return (keyWidth == VARIABLE ? END_BYTES : 0) + (valueWidth == VARIABLE ? END_BYTES : 0);
  }

  /** Returns the size of a leaf in bytes. */
  long leafBytes(int pairs, long contentBytes) {
    return LEAF_HEADER_BYTES + (long) endBytes() * pairs + contentBytes;
  }

  /** Returns the size of a branch in bytes. */
  long branchBytes(int children, long keyBytes) {
    long ends = keyWidth == VARIABLE ? (long) END_BYTES * (children - 1) : 0;
    return BRANCH_HEADER_BYTES + (long) CHILD_BYTES * children + ends + keyBytes;
  }

  /**
   * Checks a key.
   *
   * @throws IllegalArgumentException if the key is longer than {@link #KEY_BYTES_MAX}, or does not
   *     have the fixed width
   */
  void checkKey(byte[] key) {
    if (keyWidth != VARIABLE && key.length != keyWidth) {
      throw new IllegalArgumentException(
          "the key has " + key.length + " bytes instead of " + keyWidth);
    }
    if (key.length > KEY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "the key has " + key.length + " bytes; the maximum is " + KEY_BYTES_MAX);
    }
  }

  /**
   * Checks a pair.
   *
   * @throws IllegalArgumentException if the pair does not fit into the largest page, or if its key
   *     or value does not have the fixed width
   */
  void checkPair(byte[] key, byte[] value) {
    checkKey(key);
    if (valueWidth != VARIABLE && value.length != valueWidth) {
      throw new IllegalArgumentException(
          "the value has " + value.length + " bytes instead of " + valueWidth);
    }
    long bytes = leafBytes(1, (long) key.length + value.length);
    if (bytes > NODE_BYTES_MAX) {
      throw new IllegalArgumentException(
          "the pair needs " + bytes + " bytes; the maximum is " + NODE_BYTES_MAX);
    }
  }
}

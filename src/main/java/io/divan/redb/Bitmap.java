package io.divan.redb;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A bitmap stored as a 64-ary tree. Finding the first unset bit takes one step per level. Not
 * thread-safe.
 *
 * <ol>
 *   <li>The lowest level holds the bits. In each level above, a bit is set if and only if all 64
 *       bits below it are set.
 *   <li>In every level, the bits of the last word beyond the end are set.
 *   <li>The number of levels depends on the capacity. The highest level has at most 64 bits.
 *   <li>The structure and its serialized form therefore depend only on the bits and the capacity.
 * </ol>
 *
 * <p>Serialized form, little-endian, the same as redb's:
 *
 * <pre>
 *   0  4          number of levels
 *   4  4 × levels end of each level, counted from the first of these bytes; highest first
 *      …          each level: its number of bits (4 bytes), then 8-byte words, lowest bit first
 * </pre>
 */
final class Bitmap {
  private static final int WORD = 64;
  private static final int LEVELS_MAX = 6;

  // Highest level first.
  private final long[][] levels;
  private int length;
  private int unset;

  /**
   * Creates a bitmap with all bits set.
   *
   * @param length the number of bits
   * @param capacity the highest number of bits it may ever have
   */
  Bitmap(int length, int capacity) {
    int count = 1;
    for (int bits = capacity; bits > WORD; bits = Math.ceilDiv(bits, WORD)) {
      count++;
    }
    this.levels = new long[count][];
    this.length = length;
    int bits = length;
    for (int i = count - 1; i >= 0; i--) {
      levels[i] = new long[Math.ceilDiv(bits, WORD)];
      Arrays.fill(levels[i], -1);
      bits = Math.ceilDiv(bits, WORD);
    }
  }

  int length() {
    return length;
  }

  private long[] lowest() {
    return levels[levels.length - 1];
  }

  boolean get(int bit) {
    return (lowest()[bit / WORD] >>> bit & 1) != 0;
  }

  void set(int bit) {
    unset -= get(bit) ? 0 : 1;
    int at = bit;
    for (int i = levels.length - 1; i >= 0; i--) {
      long word = levels[i][at / WORD] | 1L << at;
      levels[i][at / WORD] = word;
      if (word != -1) {
        return;
      }
      at /= WORD;
    }
  }

  void clear(int bit) {
    unset += get(bit) ? 1 : 0;
    int at = bit;
    for (int i = levels.length - 1; i >= 0; i--) {
      long before = levels[i][at / WORD];
      levels[i][at / WORD] = before & ~(1L << at);
      if (before != -1) {
        return;
      }
      at /= WORD;
    }
  }

  boolean anyUnset() {
    return length > 0 && levels[0][0] != -1;
  }

  /** Returns the first unset bit, or −1 if all bits are set. */
  int firstUnset() {
    if (!anyUnset()) {
      return -1;
    }
    int at = 0;
    for (long[] level : levels) {
      at = at * WORD + Long.numberOfTrailingZeros(~level[at]);
    }
    return at;
  }

  /** Returns the first unset bit at or after {@code from}, or −1 if there is none. */
  int nextUnset(int from) {
    if (from >= length) {
      return -1;
    }
    long[] words = lowest();
    int at = from / WORD;
    long unset = ~words[at] & -1L << from;
    while (unset == 0) {
      at++;
      if (at == words.length) {
        return -1;
      }
      unset = ~words[at];
    }
    return at * WORD + Long.numberOfTrailingZeros(unset);
  }

  int countUnset() {
    return unset;
  }

  /**
   * Changes the number of bits, up to the capacity. Removed bits must be set; added bits are set.
   */
  void resize(int next) {
    int bits = next;
    for (int i = levels.length - 1; i >= 0; i--) {
      int before = levels[i].length;
      int words = Math.ceilDiv(bits, WORD);
      levels[i] = Arrays.copyOf(levels[i], words);
      if (words > before) {
        Arrays.fill(levels[i], before, words, -1);
      }
      bits = words;
    }
    length = next;
  }

  /** Returns the size that {@link #write} writes, which depends on the length alone. */
  int byteCount() {
    int count = Integer.BYTES;
    for (long[] level : levels) {
      count += 2 * Integer.BYTES + level.length * Long.BYTES;
    }
    return count;
  }

  /** Serializes the bitmap to a little-endian buffer. */
  void write(ByteBuffer target) {
    target.putInt(levels.length);
    int end = Integer.BYTES * (1 + levels.length);
    for (long[] level : levels) {
      end += Integer.BYTES + level.length * Long.BYTES;
      target.putInt(end);
    }
    for (int i = 0; i < levels.length; i++) {
      target.putInt(i == levels.length - 1 ? length : bitsOf(i));
      for (long word : levels[i]) {
        target.putLong(word);
      }
    }
  }

  private int bitsOf(int level) {
    int bits = length;
    for (int i = levels.length - 1; i > level; i--) {
      bits = Math.ceilDiv(bits, WORD);
    }
    return bits;
  }

  /**
   * Reads a bitmap written by {@link #write} or by redb. Uses the lowest level only; the others
   * follow from it.
   *
   * @param source a little-endian buffer, read from its position to its limit
   * @param length the expected number of bits, or −1 to accept the stored number
   * @param capacity the highest number of bits it may ever have
   * @throws RedbException.Corrupted if the bytes are malformed
   */
  static Bitmap read(ByteBuffer source, int length, int capacity) {
    ByteBuffer bytes = source.slice().order(source.order());
    int levels = bytes.remaining() < Integer.BYTES ? 0 : bytes.getInt(0);
    int starts = Integer.BYTES * (1 + levels);
    if (levels < 1 || levels > LEVELS_MAX || bytes.limit() < starts) {
      throw corrupted();
    }
    int start = levels == 1 ? starts : bytes.getInt(Integer.BYTES * (levels - 1));
    int end = bytes.getInt(Integer.BYTES * levels);
    if (start < starts || end < start + Integer.BYTES || end != bytes.limit()) {
      throw corrupted();
    }
    int stored = bytes.getInt(start);
    int words = Math.ceilDiv(Math.max(stored, 0), WORD);
    if (stored < 0
        || stored > capacity
        || length >= 0 && length != stored
        || (end - start - Integer.BYTES) / Long.BYTES < words) {
      throw corrupted();
    }
    Bitmap result = new Bitmap(stored, capacity);
    bytes.position(start + Integer.BYTES);
    for (int i = 0; i < words; i++) {
      long word = bytes.getLong();
      if (i == words - 1 && stored % WORD != 0) {
        word |= -1L << stored;
      }
      result.lowest()[i] = word;
      result.unset += Long.bitCount(~word);
    }
    result.deriveUpperLevels();
    return result;
  }

  private void deriveUpperLevels() {
    for (int i = levels.length - 2; i >= 0; i--) {
      long[] below = levels[i + 1];
      for (int j = 0; j < below.length; j++) {
        if (below[j] != -1) {
          levels[i][j / WORD] &= ~(1L << j);
        }
      }
    }
  }

  private static RedbException.Corrupted corrupted() {
    return new RedbException.Corrupted("the allocator state holds a malformed bitmap");
  }

  /** Returns whether all bits of a range are set. */
  boolean allSet(int from, int to) {
    int first = nextUnset(from);
    return first < 0 || first >= to;
  }
}

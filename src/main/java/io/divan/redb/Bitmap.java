package io.divan.redb;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Bits in a tree of 64 ways, which finds the first one that is not set in as many steps as it has
 * levels. For one thread.
 *
 * <ol>
 *   <li>The lowest level has the bits. A bit of a level above is set where all 64 bits under it
 *       are.
 *   <li>Bits of the last word that lie behind the end are set, in every level.
 *   <li>How many levels there are depends on the most bits it may ever have; the highest one has at
 *       most 64 bits.
 *   <li>So what it looks like, also as bytes, depends on its bits alone.
 * </ol>
 *
 * <p>As bytes, little-endian; redb's own way:
 *
 * <pre>
 *   0  4          how many levels
 *   4  4 × levels where each level ends, from the beginning of these bytes; the highest first
 *      …          each level: 4 bytes how many bits, then words of 8 bytes, the lowest bit first
 * </pre>
 */
final class Bitmap {
  private static final int WORD = 64;
  private static final int LEVELS_MAX = 6;

  // The highest level first.
  private final long[][] levels;
  private int length;
  private int unset;

  /**
   * All bits set.
   *
   * @param length how many bits
   * @param capacity how many there may ever be
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

  /** The first bit that is not set; −1 when all are. */
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

  /** The first bit from here on that is not set; −1 when all are. */
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
   * Takes bits away at the end, which must be set, or adds some, which are set. Never more than its
   * capacity.
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

  /** How many bytes {@link #write} writes; depends on the length alone. */
  int byteCount() {
    int count = Integer.BYTES;
    for (long[] level : levels) {
      count += 2 * Integer.BYTES + level.length * Long.BYTES;
    }
    return count;
  }

  /** Writes its bytes to a little-endian buffer. */
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
   * Reads what {@link #write} wrote, or redb. Only the lowest level counts: the others follow from
   * it.
   *
   * @param source little-endian, from its position to its limit
   * @param length how many bits there must be; −1 for as many as it says
   * @param capacity how many there may ever be
   * @throws RedbException.Corrupted when it is none
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
    return new RedbException.Corrupted("the table of the pages in use holds a list that is none");
  }

  /** Whether all bits of a range are set. */
  boolean allSet(int from, int to) {
    int first = nextUnset(from);
    return first < 0 || first >= to;
  }
}

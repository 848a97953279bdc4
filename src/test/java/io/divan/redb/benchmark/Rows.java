package io.divan.redb.benchmark;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The pairs of a run, generated from its seed each time they are needed: keys of 30 random bytes
 * and incompressible values of 1 KB. Numbered in key order.
 */
final class Rows {
  private static final int KEY_BYTES = 30;
  private static final int VALUE_BYTES = 1024;

  private final long seed;
  private final long[] ids;

  Rows(long seed, int count) {
    this.seed = seed;
    SplittableRandom random = new SplittableRandom(seed);
    // Non-negative, so that numeric order equals byte order. Duplicates are practically impossible
    // and would show in the number of scanned rows.
    ids = random.longs(count, 0, Long.MAX_VALUE).sorted().toArray();
  }

  int count() {
    return ids.length;
  }

  byte[] key(int row) {
    return keyOf(ids[row]);
  }

  byte[] value(int row) {
    return valueOf(ids[row], seed);
  }

  /** Returns the row numbers in random order. */
  int[] shuffled() {
    int[] order = inOrder();
    SplittableRandom random = new SplittableRandom(seed + 1);
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int row = order[i];
      order[i] = order[other];
      order[other] = row;
    }
    return order;
  }

  int[] inOrder() {
    int[] order = new int[ids.length];
    Arrays.setAll(order, i -> i);
    return order;
  }

  /** Derives a key from an id, which is its first eight bytes. */
  static byte[] keyOf(long id) {
    byte[] key = new byte[KEY_BYTES];
    SplittableRandom rest = new SplittableRandom(id);
    ByteBuffer.wrap(key)
        .putLong(id)
        .putLong(rest.nextLong())
        .putLong(rest.nextLong())
        .putInt(rest.nextInt())
        .putShort((short) rest.nextInt());
    return key;
  }

  static byte[] valueOf(long id, long seed) {
    byte[] value = new byte[VALUE_BYTES];
    new SplittableRandom(id ^ seed).nextBytes(value);
    return value;
  }
}

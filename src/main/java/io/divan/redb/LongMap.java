package io.divan.redb;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * A map from page numbers to small integers, with open addressing and no boxing. {@link #NONE} is
 * not a valid page number: its order is too high. Not thread-safe.
 */
final class LongMap {
  static final int ABSENT = -1;

  private static final long NONE = -1;

  private long[] keys;
  private int[] values;
  private int size;

  LongMap() {
    keys = new long[64];
    Arrays.fill(keys, NONE);
    values = new int[64];
  }

  private int slot(long key) {
    int mask = keys.length - 1;
    int at = Long.hashCode(key * 0x9E3779B97F4A7C15L >>> 16) & mask;
    while (keys[at] != NONE && keys[at] != key) {
      at = at + 1 & mask;
    }
    return at;
  }

  /** Returns the value of a page, or {@link #ABSENT}. */
  int get(long key) {
    int at = slot(key);
    return keys[at] == key ? values[at] : ABSENT;
  }

  /** Sets the value of a page; it must not be negative. */
  void put(long key, int value) {
    int at = slot(key);
    if (keys[at] != key) {
      size++;
      if (2 * size > keys.length) {
        grow();
        at = slot(key);
      }
      keys[at] = key;
    }
    values[at] = value;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[2 * oldKeys.length];
    Arrays.fill(keys, NONE);
    values = new int[keys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != NONE) {
        int at = slot(oldKeys[i]);
        keys[at] = oldKeys[i];
        values[at] = oldValues[i];
      }
    }
  }

  /** Removes a page and moves the following entries of its probe sequence up. */
  void remove(long key) {
    int at = slot(key);
    if (keys[at] != key) {
      return;
    }
    size--;
    keys[at] = NONE;
    int mask = keys.length - 1;
    for (int next = at + 1 & mask; keys[next] != NONE; next = next + 1 & mask) {
      long moved = keys[next];
      int value = values[next];
      keys[next] = NONE;
      int to = slot(moved);
      keys[to] = moved;
      values[to] = value;
    }
  }

  int size() {
    return size;
  }

  void clear() {
    Arrays.fill(keys, NONE);
    size = 0;
  }

  void forEachKey(LongConsumer action) {
    for (long key : keys) {
      if (key != NONE) {
        action.accept(key);
      }
    }
  }
}

package io.divan.redb;

import java.util.Arrays;
import java.util.function.LongConsumer;

/** A growable list of longs. Not thread-safe. */
final class LongList {
  private long[] items = new long[16];
  private int size;

  void add(long item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, 2 * size);
    }
    items[size] = item;
    size++;
  }

  long get(int index) {
    return items[index];
  }

  int size() {
    return size;
  }

  /** Removes all items from index {@code length} on. */
  void truncate(int length) {
    size = length;
  }

  void sort() {
    Arrays.sort(items, 0, size);
  }

  void forEach(LongConsumer action) {
    for (int i = 0; i < size; i++) {
      action.accept(items[i]);
    }
  }
}

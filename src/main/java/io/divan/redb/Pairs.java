package io.divan.redb;

import static io.divan.redb.LittleEndian.putInt32;
import static io.divan.redb.LittleEndian.putUnsigned16;
import static io.divan.redb.TreeFormat.COUNT_AT;
import static io.divan.redb.TreeFormat.END_BYTES;
import static io.divan.redb.TreeFormat.LEAF;
import static io.divan.redb.TreeFormat.LEAF_HEADER_BYTES;
import static io.divan.redb.TreeFormat.VARIABLE;

import java.util.Arrays;

/**
 * An ordered list of pairs to be written into new leaves. Keys and values refer to arrays without
 * copying them; those arrays must not change until the leaves are written. Reusable after {@link
 * #clear}. Not thread-safe.
 */
final class Pairs {
  private static final byte[] NOTHING = {};

  private final TreeFormat format;
  private int count;
  private byte[][] keys = new byte[16][];
  private int[] keyFrom = new int[16];
  private int[] keyLength = new int[16];
  private byte[][] values = new byte[16][];
  private int[] valueFrom = new int[16];
  private int[] valueLength = new int[16];

  /**
   * The total size of the pairs before index i, in bytes; the last entry is the total size of all.
   */
  private long[] before = new long[17];

  Pairs(TreeFormat format) {
    this.format = format;
  }

  int count() {
    return count;
  }

  byte[] keyArray(int i) {
    return keys[i];
  }

  int keyFrom(int i) {
    return keyFrom[i];
  }

  int keyLength(int i) {
    return keyLength[i];
  }

  void clear() {
    Arrays.fill(keys, 0, count, NOTHING);
    Arrays.fill(values, 0, count, NOTHING);
    count = 0;
  }

  void add(byte[] key, byte[] value) {
    add(key, 0, key.length, value, 0, value.length);
  }

  /** Adds the pairs of a leaf from {@code from} to {@code to}, exclusive. */
  void addAll(Node leaf, int from, int to) {
    if (from == to) {
      return;
    }
    int keyAt = leaf.keyAt(from);
    int valueAt = leaf.valueAt(from);
    for (int i = from; i < to; i++) {
      int keyTo = leaf.keyTo(i, keyAt);
      int valueTo = leaf.valueTo(i, valueAt);
      add(leaf.bytes(), keyAt, keyTo - keyAt, leaf.bytes(), valueAt, valueTo - valueAt);
      keyAt = keyTo;
      valueAt = valueTo;
    }
  }

  void addAll(Pairs others) {
    for (int i = 0; i < others.count; i++) {
      add(
          others.keys[i],
          others.keyFrom[i],
          others.keyLength[i],
          others.values[i],
          others.valueFrom[i],
          others.valueLength[i]);
    }
  }

  private void add(
      byte[] key, int newKeyFrom, int newKeyLength, byte[] value, int newFrom, int newLength) {
    if (count == keys.length) {
      grow();
    }
    keys[count] = key;
    keyFrom[count] = newKeyFrom;
    keyLength[count] = newKeyLength;
    values[count] = value;
    valueFrom[count] = newFrom;
    valueLength[count] = newLength;
    before[count + 1] = before[count] + newKeyLength + newLength;
    count++;
  }

  private void grow() {
    int size = 2 * count;
    keys = Arrays.copyOf(keys, size);
    keyFrom = Arrays.copyOf(keyFrom, size);
    keyLength = Arrays.copyOf(keyLength, size);
    values = Arrays.copyOf(values, size);
    valueFrom = Arrays.copyOf(valueFrom, size);
    valueLength = Arrays.copyOf(valueLength, size);
    before = Arrays.copyOf(before, size + 1);
  }

  /** Returns the size of a leaf with these pairs, in bytes. */
  long bytes(int from, int to) {
    return format.leafBytes(to - from, before[to] - before[from]);
  }

  /** Returns where to split at least two pairs so that the larger half is as small as possible. */
  int middle(int from, int to) {
    int cut = from + 1;
    while (cut + 1 < to && bytes(from, cut) < bytes(cut, to)) {
      cut++;
    }
    return cut > from + 1 && bytes(cut - 1, to) < bytes(from, cut) ? cut - 1 : cut;
  }

  /** Writes a leaf with these pairs; its size is {@link #bytes}. */
  void write(int from, int to, byte[] leaf) {
    int pairs = to - from;
    leaf[0] = LEAF;
    leaf[1] = 0;
    putUnsigned16(leaf, COUNT_AT, pairs);
    int endsAt = LEAF_HEADER_BYTES;
    int at = LEAF_HEADER_BYTES + format.endBytes() * pairs;
    for (int i = from; i < to; i++) {
      System.arraycopy(keys[i], keyFrom[i], leaf, at, keyLength[i]);
      at += keyLength[i];
      if (format.keyWidth() == VARIABLE) {
        putInt32(leaf, endsAt, at);
        endsAt += END_BYTES;
      }
    }
    for (int i = from; i < to; i++) {
      System.arraycopy(values[i], valueFrom[i], leaf, at, valueLength[i]);
      at += valueLength[i];
      if (format.valueWidth() == VARIABLE) {
        putInt32(leaf, endsAt, at);
        endsAt += END_BYTES;
      }
    }
  }

  /**
   * Writes the pairs of a leaf into another array, except {@code removed} pairs from {@code at} on.
   *
   * @param leaf the source, whose array must not be {@code target}
   */
  static void writeWithout(TreeFormat format, Node leaf, int at, int removed, byte[] target) {
    edit(format, leaf, at, removed, 0, NOTHING, NOTHING, target);
  }

  /**
   * Writes the pairs of a leaf and one more pair at {@code at} into another array.
   *
   * @param leaf the source, whose array must not be {@code target} unless it contributes no pair
   * @param replaces whether the new pair replaces the one at {@code at}
   */
  static void writeWith(
      TreeFormat format,
      Node leaf,
      int at,
      boolean replaces,
      byte[] key,
      byte[] value,
      byte[] target) {
    edit(format, leaf, at, replaces ? 1 : 0, 1, key, value, target);
  }

  private static void edit(
      TreeFormat format,
      Node leaf,
      int at,
      int removed,
      int added,
      byte[] key,
      byte[] value,
      byte[] target) {
    int pairs = leaf.count() - removed + added;
    int keyFrom = leaf.keyAt(at);
    int keyTo = leaf.keyAt(at + removed);
    int valueFrom = leaf.valueAt(at);
    int valueTo = leaf.valueAt(at + removed);
    int keysAt = LEAF_HEADER_BYTES + format.endBytes() * pairs;
    int keysTo = keysAt + (leaf.keysTo() - leaf.keysAt()) - (keyTo - keyFrom) + key.length;
    int used = keysTo + (leaf.used() - leaf.keysTo()) - (valueTo - valueFrom) + value.length;
    byte[] source = leaf.bytes();
    target[0] = LEAF;
    target[1] = 0;
    putUnsigned16(target, COUNT_AT, pairs);
    int ends = LEAF_HEADER_BYTES;
    int oldEnds = LEAF_HEADER_BYTES;
    if (format.keyWidth() == VARIABLE) {
      int shift = keysAt - leaf.keysAt();
      moveEnds(source, oldEnds, target, ends, at, shift);
      int next = oldEnds + END_BYTES * (at + removed);
      int tail = leaf.count() - at - removed;
      moveEnds(source, next, target, ends + END_BYTES * (at + added), tail, keysTo - leaf.keysTo());
      if (added != 0) {
        putInt32(target, ends + END_BYTES * at, keyFrom + shift + key.length);
      }
      ends += END_BYTES * pairs;
      oldEnds += END_BYTES * leaf.count();
    }
    if (format.valueWidth() == VARIABLE) {
      int shift = keysTo - leaf.keysTo();
      moveEnds(source, oldEnds, target, ends, at, shift);
      int next = oldEnds + END_BYTES * (at + removed);
      int tail = leaf.count() - at - removed;
      moveEnds(source, next, target, ends + END_BYTES * (at + added), tail, used - leaf.used());
      if (added != 0) {
        putInt32(target, ends + END_BYTES * at, valueFrom + shift + value.length);
      }
    }
    splice(source, leaf.keysAt(), keyFrom, keyTo, leaf.keysTo(), key, target, keysAt);
    splice(source, leaf.keysTo(), valueFrom, valueTo, leaf.used(), value, target, keysTo);
  }

  private static void moveEnds(
      byte[] source, int from, byte[] target, int to, int ends, int shift) {
    for (int i = 0; i < ends; i++) {
      int end = LittleEndian.int32(source, from + END_BYTES * i);
      putInt32(target, to + END_BYTES * i, end + shift);
    }
  }

  /**
   * Copies a section and replaces the range from {@code cut} to {@code resume} with another part.
   */
  private static void splice(
      byte[] source,
      int from,
      int cut,
      int resume,
      int to,
      byte[] part,
      byte[] target,
      int at) {
    System.arraycopy(source, from, target, at, cut - from);
    System.arraycopy(part, 0, target, at + cut - from, part.length);
    System.arraycopy(source, resume, target, at + cut - from + part.length, to - resume);
  }
}

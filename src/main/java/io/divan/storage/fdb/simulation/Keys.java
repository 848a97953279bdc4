package io.divan.storage.fdb.simulation;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Keys in unsigned byte order, and the keys with a special meaning. */
final class Keys {

  /** The first key. */
  static final byte[] EMPTY = {};
  /** The end of what a transaction without system access may read and write. */
  static final byte[] SYSTEM = {(byte) 0xFF};
  /** The end of all stored keys. */
  static final byte[] END = {(byte) 0xFF, (byte) 0xFF};
  /** After {@link #END}: the end of the last segment of a write map. */
  static final byte[] AFTER_END = {(byte) 0xFF, (byte) 0xFF, 0};
  static final byte[] METADATA_VERSION =
      "\u00FF/metadataVersion".getBytes(StandardCharsets.ISO_8859_1);
  static final byte[] METADATA_VERSION_END = after(METADATA_VERSION);
  static final byte[] STATUS_JSON =
      "\u00FF\u00FF/status/json".getBytes(StandardCharsets.ISO_8859_1);

  private Keys() {}

  static int compare(byte[] left, byte[] right) {
    return Arrays.compareUnsigned(left, right);
  }

  /** The first key after {@code key}. */
  static byte[] after(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  static byte[] min(byte[] left, byte[] right) {
    return compare(left, right) <= 0 ? left : right;
  }

  static byte[] max(byte[] left, byte[] right) {
    return compare(left, right) >= 0 ? left : right;
  }

  static boolean isSystem(byte[] key) {
    return key.length > 0 && key[0] == (byte) 0xFF;
  }

  /** Whether a key lies in the special key space, whose values are computed instead of stored. */
  static boolean isSpecial(byte[] key) {
    return key.length > 1 && key[0] == (byte) 0xFF && key[1] == (byte) 0xFF;
  }

  /** Truncates a bound that is longer than any stored key, which changes no range. */
  static byte[] cut(byte[] bound) {
    int most = ClusterLimits.keyBytesMax(bound, true);
    return bound.length > most ? Arrays.copyOf(bound, most + 1) : bound;
  }
}

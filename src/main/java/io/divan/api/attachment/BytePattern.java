package io.divan.api.attachment;

import java.util.Arrays;

/**
 * A sequence of bytes to search for, by Horspool's algorithm: a mismatch at the last byte moves the
 * search on by up to the length of the pattern.
 */
final class BytePattern {
  private final byte[] pattern;
  private final int[] shifts = new int[256];

  BytePattern(byte[] pattern) {
    this.pattern = pattern.clone();
    Arrays.fill(shifts, pattern.length);
    for (int i = 0; i < pattern.length - 1; i++) {
      shifts[pattern[i] & 0xFF] = pattern.length - 1 - i;
    }
  }

  int length() {
    return pattern.length;
  }

  /** Returns the index of the first occurrence that lies in the range, or -1. */
  int indexIn(byte[] bytes, int from, int to) {
    int last = pattern.length - 1;
    byte end = pattern[last];
    int at = from + last;
    while (at < to) {
      byte b = bytes[at];
      if (b == end && Arrays.equals(bytes, at - last, at, pattern, 0, last)) {
        return at - last;
      }
      at += shifts[b & 0xFF];
    }
    return -1;
  }
}

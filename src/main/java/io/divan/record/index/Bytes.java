package io.divan.record.index;

import java.util.Arrays;

/** Bytes as the key of a map. */
record Bytes(byte[] bytes) {
  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes(byte[] otherBytes) && Arrays.equals(bytes, otherBytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}

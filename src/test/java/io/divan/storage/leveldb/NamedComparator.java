package io.divan.storage.leveldb;

import java.util.Arrays;
import org.iq80.leveldb.DBComparator;

/**
 * Byte order, or its reverse, under a name of its own.
 *
 * @param sign 1, or −1 for the reverse
 */
public record NamedComparator(String name, int sign) implements DBComparator {
  @Override
  public int compare(byte[] a, byte[] b) {
    return sign * Arrays.compareUnsigned(a, b);
  }

  @Override
  public byte[] findShortestSeparator(byte[] start, byte[] limit) {
    return start;
  }

  @Override
  public byte[] findShortSuccessor(byte[] key) {
    return key;
  }
}

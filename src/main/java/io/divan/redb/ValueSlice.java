package io.divan.redb;

/**
 * A value found in a page: a range of an array. The array must not be changed, and is valid until
 * the next change in the transaction. Reusable.
 */
final class ValueSlice {
  private byte[] array = {};
  private int offset;
  private int length;

  void set(byte[] newArray, int newOffset, int newLength) {
    array = newArray;
    offset = newOffset;
    length = newLength;
  }

  byte[] array() {
    return array;
  }

  int offset() {
    return offset;
  }

  int length() {
    return length;
  }
}

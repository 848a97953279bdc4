package io.divan.redb;

/**
 * Where a value that was found lies: within an array that nobody may change, until the transaction
 * changes something. Used again and again.
 */
final class Found {
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

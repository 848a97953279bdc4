package io.divan.document.rows;

import java.util.Arrays;

/** Builds the bytes of a row's value. */
public final class ByteWriter {
  private byte[] bytes = new byte[64];
  private int length;

  public ByteWriter put(byte b) {
    reserve(1);
    bytes[length++] = b;
    return this;
  }

  public ByteWriter put(byte... more) {
    return put(more, 0, more.length);
  }

  public ByteWriter put(byte[] more, int offset, int count) {
    reserve(count);
    System.arraycopy(more, offset, bytes, length, count);
    length += count;
    return this;
  }

  ByteWriter int32(int value) {
    return put(
        new byte[] {
          (byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value
        });
  }

  /** Appends a number, seven bits a byte, lowest bits first. The high bit says that more follow. */
  ByteWriter varint(long value) {
    long rest = value;
    while (rest > 0x7F) {
      put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    return put((byte) rest);
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}

package io.divan.document.rows;

import java.util.Arrays;

/** Reads the bytes of a row's value. Throws {@link IllegalStateException} past their end. */
public final class ByteReader {
  private final byte[] bytes;
  private int position;

  public ByteReader(byte[] bytes) {
    this.bytes = bytes;
  }

  public int next() {
    if (position >= bytes.length) {
      throw new IllegalStateException("The value of a row is truncated");
    }
    return bytes[position++] & 0xFF;
  }

  public byte[] next(int count) {
    if (count < 0 || count > remaining()) {
      throw new IllegalStateException("The value of a row is truncated");
    }
    position += count;
    return Arrays.copyOfRange(bytes, position - count, position);
  }

  int remaining() {
    return bytes.length - position;
  }

  public byte[] rest() {
    return Arrays.copyOfRange(bytes, position, bytes.length);
  }

  public int int32() {
    return next() << 24 | next() << 16 | next() << 8 | next();
  }

  int nextVarint() {
    return (int) nextVarlong();
  }

  public long nextVarlong() {
    long value = 0;
    int shift = 0;
    int b;
    do {
      b = next();
      value |= (long) (b & 0x7F) << shift;
      shift += 7;
    } while (b > 0x7F);
    return value;
  }
}

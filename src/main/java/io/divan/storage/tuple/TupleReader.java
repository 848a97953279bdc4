package io.divan.storage.tuple;

import io.divan.json.Utf8;
import io.divan.storage.Versionstamp;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads FoundationDB's tuple encoding; {@link TupleWriter} describes the layout. Every method
 * throws {@link IllegalArgumentException} if the next bytes do not encode an element of its type.
 * For use by one thread.
 */
public final class TupleReader {
  private final byte[] bytes;
  private int position;
  private int depth;

  /** Starts at the first byte. */
  public TupleReader(byte[] bytes) {
    this(bytes, 0);
  }

  /** Starts at {@code offset}. */
  public TupleReader(byte[] bytes, int offset) {
    this.bytes = bytes;
    this.position = offset;
  }

  /** Returns whether there is another element. */
  public boolean hasNext() {
    return position < bytes.length;
  }

  /** Returns the offset of the next element. */
  public int position() {
    return position;
  }

  /** Reads a string. */
  public String nextString() {
    expect(TupleWriter.STRING);
    return Utf8.decode(content());
  }

  /** Reads bytes. */
  public byte[] nextBytes() {
    expect(TupleWriter.BYTES);
    return content();
  }

  /** Reads an integer of at most 64 bits. */
  public long nextLong() {
    return nextElement() instanceof Long number ? number : fail("a 64-bit integer");
  }

  /** Reads a boolean. */
  public boolean nextBoolean() {
    return nextElement() instanceof Boolean flag ? flag : fail("a boolean");
  }

  /** Reads a versionstamp. */
  public Versionstamp nextVersionstamp() {
    expect(TupleWriter.VERSIONSTAMP);
    return Versionstamp.fromBytes(bytes, advance(Versionstamp.LENGTH));
  }

  /** Reads an element of any type. An integer is a {@link Long} if it fits into 64 bits. */
  public @Nullable Object nextElement() {
    int code = bytes[advance(1)] & 0xFF;
    return switch (code) {
      case TupleWriter.NULL -> null;
      case TupleWriter.BYTES -> content();
      case TupleWriter.STRING -> Utf8.decode(content());
      case TupleWriter.NESTED -> nested();
      case TupleWriter.FALSE -> false;
      case TupleWriter.TRUE -> true;
      case TupleWriter.FLOAT -> {
        int bits = (int) fixed(4);
        yield Float.intBitsToFloat(bits < 0 ? bits ^ 0x8000_0000 : ~bits);
      }
      case TupleWriter.DOUBLE -> {
        long bits = fixed(8);
        yield Double.longBitsToDouble(bits < 0 ? bits ^ Long.MIN_VALUE : ~bits);
      }
      case TupleWriter.UUID_CODE -> new UUID(fixed(8), fixed(8));
      case TupleWriter.VERSIONSTAMP ->
          Versionstamp.fromBytes(bytes, advance(Versionstamp.LENGTH));
      case TupleWriter.POSITIVE_BIG -> integer(bytes[advance(1)] & 0xFF, false);
      case TupleWriter.NEGATIVE_BIG -> integer(~bytes[advance(1)] & 0xFF, true);
      default -> {
        int size = code - TupleWriter.ZERO;
        if (Math.abs(size) > 8) {
          position--;
          yield fail("an element");
        }
        yield integer(Math.abs(size), size < 0);
      }
    };
  }

  /** Returns all elements of an encoded tuple. */
  public static List<@Nullable Object> unpack(byte[] bytes) {
    TupleReader reader = new TupleReader(bytes);
    List<@Nullable Object> elements = new ArrayList<>();
    while (reader.hasNext()) {
      elements.add(reader.nextElement());
    }
    return elements;
  }

  private List<@Nullable Object> nested() {
    if (++depth > TupleWriter.DEPTH_MAX) {
      fail("at most " + TupleWriter.DEPTH_MAX + " levels of nested tuples");
    }
    List<@Nullable Object> elements = new ArrayList<>();
    while (true) {
      if (bytes[advance(1)] != 0) {
        position--;
        elements.add(nextElement());
      } else if (position < bytes.length && bytes[position] == (byte) 0xFF) {
        position++;
        elements.add(null);
      } else {
        depth--;
        return elements;
      }
    }
  }

  private Object integer(int size, boolean negative) {
    if (size < 8) {
      long value = fixed(size);
      return negative ? value - (1L << 8 * size) + 1 : value;
    }
    byte[] magnitude = Arrays.copyOfRange(bytes, advance(size), position);
    BigInteger value = new BigInteger(1, magnitude);
    if (negative) {
      value = value.subtract(BigInteger.ONE.shiftLeft(8 * size)).add(BigInteger.ONE);
    }
    return value.bitLength() < 64 ? (Object) value.longValue() : value;
  }

  private byte[] content() {
    int start = position;
    int escapes = 0;
    int end = start;
    while (true) {
      while (end < bytes.length && bytes[end] != 0) {
        end++;
      }
      if (end == bytes.length) {
        position = end;
        fail("more bytes");
      }
      if (end + 1 == bytes.length || bytes[end + 1] != (byte) 0xFF) {
        break;
      }
      end += 2;
      escapes++;
    }
    position = end + 1;
    if (escapes == 0) {
      return Arrays.copyOfRange(bytes, start, position - 1);
    }
    byte[] content = new byte[position - 1 - start - escapes];
    for (int from = start, to = 0; to < content.length; from++, to++) {
      content[to] = bytes[from];
      if (bytes[from] == 0) {
        from++;
      }
    }
    return content;
  }

  private long fixed(int size) {
    int start = advance(size);
    long value = 0;
    for (int i = start; i < start + size; i++) {
      value = value << 8 | bytes[i] & 0xFF;
    }
    return value;
  }

  private void expect(int code) {
    if (bytes[advance(1)] != code) {
      position--;
      fail("type code " + code);
    }
  }

  private int advance(int size) {
    if (bytes.length - position < size) {
      fail("more bytes");
    }
    int start = position;
    position += size;
    return start;
  }

  private <T> T fail(String expected) {
    throw new IllegalArgumentException("Expected " + expected + " at byte " + position);
  }
}

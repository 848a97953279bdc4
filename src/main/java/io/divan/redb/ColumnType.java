package io.divan.redb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * A type of keys or values: its name in the file, its encoding and its order. Names and encodings
 * are redb's, so both libraries read the same tables.
 *
 * @param <T> the Java type
 */
public abstract sealed class ColumnType<T> {

  /** Arbitrary bytes in unsigned order: {@code &[u8]}. */
  public static final ColumnType<byte[]> BYTES = new Bytes();

  /** UTF-8 text in byte order: {@code &str}. */
  public static final ColumnType<String> STRING = new Text();

  /** Unsigned 64-bit integers, stored little-endian: {@code u64}. */
  public static final ColumnType<Long> U64 = new Unsigned64();

  private final String name;
  private final OptionalInt width;

  private ColumnType(String name, OptionalInt width) {
    this.name = name;
    this.width = width;
  }

  /** Returns redb's name of the type. */
  public final String name() {
    return name;
  }

  /** Returns the size of a value in bytes if all values have the same size. */
  public final OptionalInt width() {
    return width;
  }

  /** Encodes a value. A byte array is returned without copying it. */
  public abstract byte[] encode(T value);

  /** Decodes a value from a range of an array, without keeping the array. */
  public abstract T decode(byte[] array, int offset, int length);

  /** Returns the order of encoded keys. */
  abstract KeyOrder order();

  private static final class Bytes extends ColumnType<byte[]> {
    Bytes() {
      super("&[u8]", OptionalInt.empty());
    }

    @Override
    public byte[] encode(byte[] value) {
      return value;
    }

    @Override
    public byte[] decode(byte[] array, int offset, int length) {
      return java.util.Arrays.copyOfRange(array, offset, offset + length);
    }

    @Override
    KeyOrder order() {
      return KeyOrder.BYTES;
    }
  }

  private static final class Text extends ColumnType<String> {
    Text() {
      super("&str", OptionalInt.empty());
    }

    @Override
    public byte[] encode(String value) {
      return value.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String decode(byte[] array, int offset, int length) {
      return new String(array, offset, length, StandardCharsets.UTF_8);
    }

    @Override
    KeyOrder order() {
      return KeyOrder.BYTES;
    }
  }

  private static final class Unsigned64 extends ColumnType<Long> {
    Unsigned64() {
      super("u64", OptionalInt.of(Long.BYTES));
    }

    @Override
    public byte[] encode(Long value) {
      return ByteBuffer.allocate(Long.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(value)
          .array();
    }

    @Override
    public Long decode(byte[] array, int offset, int length) {
      return ByteBuffer.wrap(array, offset, length).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    @Override
    KeyOrder order() {
      return KeyOrder.LITTLE_ENDIAN;
    }
  }
}

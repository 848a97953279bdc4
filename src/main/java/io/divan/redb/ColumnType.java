package io.divan.redb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * A type of keys or values: its name in the file, its bytes, its order. The names and bytes are
 * redb's, so that both see the same table.
 *
 * @param <T> what it is in Java
 */
public abstract sealed class ColumnType<T> {

  /** Any bytes, in unsigned order: {@code &[u8]}. */
  public static final ColumnType<byte[]> BYTES = new Bytes();

  /** Text as UTF-8, in the order of its bytes: {@code &str}. */
  public static final ColumnType<String> STRING = new Text();

  /** 64 bits, little-endian, in unsigned order: {@code u64}. */
  public static final ColumnType<Long> U64 = new Unsigned64();

  private final String name;
  private final OptionalInt width;

  private ColumnType(String name, OptionalInt width) {
    this.name = name;
    this.width = width;
  }

  /** redb's name of the type. */
  public final String name() {
    return name;
  }

  /** How many bytes each value has, where that is always the same. */
  public final OptionalInt width() {
    return width;
  }

  /** The bytes that stand for a value; not copied where the value is bytes. */
  public abstract byte[] encode(T value);

  /** The value of some bytes within an array, which is not kept. */
  public abstract T decode(byte[] array, int offset, int length);

  /** The order of keys, on their bytes. */
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

package io.divan.json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Encodes JSON values as bytes that sort, unsigned, as {@link JsonOrder#COLLATED} sorts the values.
 * Values that are equal in that order have equal encodings. Safe for use by many threads.
 *
 * <p>The encoding of a value is never a prefix of another value's. Encodings can therefore be
 * joined to the key of several columns, which sorts by the first column, then by the second.
 *
 * <table>
 * <caption>The encoding</caption>
 * <tr><td>02, 03, 04<td>null, false, true
 * <tr><td>05<td>a number, see {@link NumberKeys}
 * <tr><td>06<td>a string: ICU's sort key, which ends with its only 00
 * <tr><td>07<td>an array: its elements, then 00
 * <tr><td>08<td>an object: name (as a string) and value of each member, then 00
 * <tr><td>FF<td>above all values: {@link #ABOVE_ALL}
 * </table>
 *
 * <p>Sort keys depend on the version of ICU's collator. Rows that outlive a program need {@link
 * #version()} stored with them.
 */
public final class CollatedKeys {

  /** The version of this encoding, without the collator's. */
  public static final int ENCODING_VERSION = 1;

  /** A byte that sorts above the encodings of all values. */
  public static final byte ABOVE_ALL = (byte) 0xFF;

  static final byte END = 0;
  static final byte NULL = 2;
  static final byte FALSE = 3;
  static final byte TRUE = 4;
  static final byte NUMBER = 5;
  static final byte STRING = 6;
  static final byte ARRAY = 7;
  static final byte OBJECT = 8;

  /**
   * An encoded value.
   *
   * @param bytes the encoding, or its beginning
   * @param cut whether bytes are missing at the end. A cut encoding is not prefix-free: the values
   *     of two equal ones may differ.
   */
  public record Key(byte[] bytes, boolean cut) {}

  private CollatedKeys() {}

  /** The version of the encoding and of the collator. Keys of different versions do not compare. */
  public static String version() {
    return ENCODING_VERSION + "-" + SortKeys.collatorVersion();
  }

  /** Encodes a value. */
  public static byte[] encode(JsonValue value) {
    return encode(value, Integer.MAX_VALUE).bytes();
  }

  /**
   * Encodes a value, and keeps the first bytes.
   *
   * <p>Cutting is monotone: if one value sorts before another, its cut encoding does not sort after
   * the other's.
   *
   * @param bytesMax the number of bytes to keep
   */
  public static Key encode(JsonValue value, int bytesMax) {
    KeyBuffer out = new KeyBuffer(bytesMax);
    append(value, out);
    return new Key(out.toBytes(), out.isCut());
  }

  /** Stops as soon as the buffer is full: what follows would be cut. */
  private static void append(JsonValue value, KeyBuffer out) {
    if (out.isCut()) {
      return;
    }
    switch (value) {
      case JsonValue.Literal literal ->
          out.add(
              switch (literal) {
                case NULL -> NULL;
                case FALSE -> FALSE;
                case TRUE -> TRUE;
              });
      case JsonValue.Num number -> {
        out.add(NUMBER);
        NumberKeys.append(number.text(), out);
      }
      case JsonValue.Str string -> append(string.text(), out);
      case JsonValue.Arr array -> {
        out.add(ARRAY);
        for (JsonValue element : array.elements()) {
          append(element, out);
        }
        out.add(END);
      }
      case JsonValue.Obj object -> {
        out.add(OBJECT);
        for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
          append(member.getKey(), out);
          append(member.getValue(), out);
        }
        out.add(END);
      }
    }
  }

  private static void append(String text, KeyBuffer out) {
    if (!out.isCut()) {
      out.add(STRING);
      SortKeys.append(text, out);
    }
  }

  /**
   * Returns the index after an encoded value.
   *
   * @param key bytes with a value, not cut, at {@code offset}
   * @throws IllegalArgumentException if there is no value at {@code offset}
   */
  public static int end(byte[] key, int offset) {
    checkOffset(key, offset);
    return switch (key[offset]) {
      case NULL, FALSE, TRUE -> offset + 1;
      case NUMBER -> NumberKeys.end(key, offset + 1);
      case STRING -> {
        int end = offset + 1;
        while (byteAt(key, end) != END) {
          end++;
        }
        yield end + 1;
      }
      case ARRAY, OBJECT -> {
        int end = offset + 1;
        while (byteAt(key, end) != END) {
          end = end(key, end);
        }
        yield end + 1;
      }
      default -> throw new IllegalArgumentException("No value at byte " + offset);
    };
  }

  /**
   * Decodes a value. Strings cannot be decoded, nor can the values that contain one.
   *
   * @param key bytes with a value, not cut, at {@code offset}
   * @return an equal value. A number may be written in another form.
   * @throws IllegalArgumentException if there is no value at {@code offset}
   */
  public static Optional<JsonValue> decode(byte[] key, int offset) {
    checkOffset(key, offset);
    return switch (key[offset]) {
      case NULL -> Optional.of(JsonValue.Literal.NULL);
      case FALSE -> Optional.of(JsonValue.Literal.FALSE);
      case TRUE -> Optional.of(JsonValue.Literal.TRUE);
      case NUMBER -> Optional.of(new JsonValue.Num(NumberKeys.decode(key, offset + 1)));
      case ARRAY -> decodeArray(key, offset + 1);
      case OBJECT ->
          byteAt(key, offset + 1) == END
              ? Optional.of(new JsonValue.Obj(Map.of()))
              : Optional.empty();
      case STRING -> Optional.empty();
      default -> throw new IllegalArgumentException("No value at byte " + offset);
    };
  }

  private static Optional<JsonValue> decodeArray(byte[] key, int offset) {
    List<JsonValue> elements = new ArrayList<>();
    int at = offset;
    while (byteAt(key, at) != END) {
      Optional<JsonValue> element = decode(key, at);
      if (element.isEmpty()) {
        return Optional.empty();
      }
      elements.add(element.get());
      at = end(key, at);
    }
    return Optional.of(new JsonValue.Arr(elements));
  }

  static byte byteAt(byte[] key, int index) {
    checkOffset(key, index);
    return key[index];
  }

  private static void checkOffset(byte[] key, int offset) {
    if (offset >= key.length) {
      throw new IllegalArgumentException("The key ends within a value");
    }
  }

  /** A growing array that keeps the first bytes only. */
  static final class KeyBuffer {
    private static final int INITIAL_BYTES = 64;

    private final int max;
    private byte[] bytes;
    private int length;
    private boolean cut;

    KeyBuffer(int max) {
      this.max = max;
      bytes = new byte[Math.min(max, INITIAL_BYTES)];
    }

    boolean isCut() {
      return cut;
    }

    void add(int value) {
      if (length == max) {
        cut = true;
        return;
      }
      reserve(1);
      bytes[length++] = (byte) value;
    }

    void add(byte[] more, int count) {
      int kept = Math.min(count, max - length);
      cut |= kept < count;
      reserve(kept);
      System.arraycopy(more, 0, bytes, length, kept);
      length += kept;
    }

    private void reserve(int more) {
      if (bytes.length - length < more) {
        long grown = Math.min(max, Math.max(2L * bytes.length, (long) length + more));
        bytes = Arrays.copyOf(bytes, (int) Math.min(grown, Integer.MAX_VALUE - 8));
      }
    }

    byte[] toBytes() {
      return bytes.length == length ? bytes : Arrays.copyOf(bytes, length);
    }
  }
}

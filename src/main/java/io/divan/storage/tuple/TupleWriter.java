package io.divan.storage.tuple;

import io.divan.json.Utf8;
import io.divan.storage.Versionstamp;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Encodes tuples byte for byte as {@code com.apple.foundationdb.tuple} does, without loading that
 * library. The byte order of encoded tuples is the order of their elements. If a tuple begins with
 * the elements of another one, its encoding begins with the encoding of that one.
 *
 * <p>Layout, after FoundationDB's "Tuple" specification: each element is a type code and its
 * content. 0x00 null; 0x01 bytes and 0x02 UTF-8 text, in which 0x00 becomes 0x00 0xFF, ended by
 * 0x00; 0x05 a nested tuple, in which null becomes 0x00 0xFF, ended by 0x00; 0x14 ± n an integer of
 * n bytes, big-endian, negative ones as one's complement; 0x0B and 0x1D integers of more than 8
 * bytes, with a length byte; 0x20 and 0x21 IEEE 754 numbers with the sign bit flipped, negative
 * ones complemented; 0x26 false; 0x27 true; 0x30 a UUID; 0x33 a versionstamp of 12 bytes.
 *
 * <p>For use by one thread.
 */
public final class TupleWriter {
  /** The type code before a versionstamp's 12 bytes. */
  public static final byte VERSIONSTAMP = 0x33;

  /** The maximum nesting depth of tuples, which bounds the stack of readers and writers. */
  public static final int DEPTH_MAX = 200;

  static final int NULL = 0x00;
  static final int BYTES = 0x01;
  static final int STRING = 0x02;
  static final int NESTED = 0x05;
  static final int NEGATIVE_BIG = 0x0B;
  static final int ZERO = 0x14;
  static final int POSITIVE_BIG = 0x1D;
  static final int FLOAT = 0x20;
  static final int DOUBLE = 0x21;
  static final int FALSE = 0x26;
  static final int TRUE = 0x27;
  static final int UUID_CODE = 0x30;

  private byte[] buffer = new byte[64];
  private int length;
  private int depth;

  /**
   * Appends a string. Strings sort by their UTF-8 bytes.
   *
   * @throws IllegalArgumentException if it contains an unpaired surrogate
   */
  public TupleWriter add(String text) {
    return terminated(STRING, Utf8.encode(text));
  }

  /** Appends bytes. */
  public TupleWriter add(byte[] bytes) {
    return terminated(BYTES, bytes);
  }

  /** Appends an integer. */
  public TupleWriter add(long value) {
    if (value == 0) {
      return put(ZERO);
    }
    if (value == Long.MIN_VALUE) {
      return add(BigInteger.valueOf(value));
    }
    int bytes = (64 - Long.numberOfLeadingZeros(Math.abs(value)) + 7) / 8;
    put(value > 0 ? ZERO + bytes : ZERO - bytes);
    long encoded = value > 0 ? value : value - 1; // one's complement of the magnitude
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      put((int) (encoded >> shift));
    }
    return this;
  }

  /**
   * Appends an integer of any size.
   *
   * @throws IllegalArgumentException if it has more than 255 bytes
   */
  public TupleWriter add(BigInteger value) {
    if (value.bitLength() < 64 && !value.equals(BigInteger.valueOf(Long.MIN_VALUE))) {
      return add(value.longValue());
    }
    int bytes = (value.abs().bitLength() + 7) / 8;
    if (bytes > 255) {
      throw new IllegalArgumentException("An integer of a tuple has at most 255 bytes");
    }
    boolean negative = value.signum() < 0;
    if (bytes <= 8) {
      put(negative ? ZERO - bytes : ZERO + bytes);
    } else {
      put(negative ? NEGATIVE_BIG : POSITIVE_BIG);
      put(negative ? bytes ^ 0xFF : bytes);
    }
    BigInteger encoded =
        negative ? value.add(BigInteger.ONE.shiftLeft(8 * bytes)).subtract(BigInteger.ONE) : value;
    byte[] magnitude = encoded.toByteArray();
    for (int i = magnitude.length - bytes; i < magnitude.length; i++) {
      put(i < 0 ? 0 : magnitude[i]);
    }
    return this;
  }

  /** Appends a boolean. False sorts before true. */
  public TupleWriter add(boolean value) {
    return put(value ? TRUE : FALSE);
  }

  /** Appends a complete versionstamp. */
  public TupleWriter add(Versionstamp stamp) {
    put(VERSIONSTAMP);
    return raw(stamp.toBytes());
  }

  /**
   * Appends an element of any encodable type: null, {@link String}, {@code byte[]},
   * {@link Boolean}, {@link Integer}, {@link Long}, {@link BigInteger}, {@link Float},
   * {@link Double}, {@link UUID}, {@link Versionstamp}, or a list of these.
   *
   * @throws IllegalArgumentException if it has another type, or lists are nested deeper than {@link
   *     #DEPTH_MAX}
   */
  public TupleWriter addElement(@Nullable Object element) {
    return switch (element) {
      case null -> put(NULL);
      case String text -> add(text);
      case byte[] bytes -> add(bytes);
      case Boolean flag -> add(flag.booleanValue());
      case Integer number -> add(number.longValue());
      case Long number -> add(number.longValue());
      case BigInteger number -> add(number);
      case Versionstamp stamp -> add(stamp);
      case Float number -> {
        int bits = Float.floatToRawIntBits(number);
        put(FLOAT);
        yield fixed((bits < 0 ? ~bits : bits ^ 0x8000_0000) & 0xFFFF_FFFFL, 4);
      }
      case Double number -> {
        long bits = Double.doubleToRawLongBits(number);
        put(DOUBLE);
        yield fixed(bits < 0 ? ~bits : bits ^ Long.MIN_VALUE, 8);
      }
      case UUID uuid -> {
        put(UUID_CODE);
        fixed(uuid.getMostSignificantBits(), 8);
        yield fixed(uuid.getLeastSignificantBits(), 8);
      }
      case List<?> nested -> nested(nested);
      default ->
          throw new IllegalArgumentException(
              "Type cannot be encoded in a tuple: " + element.getClass());
    };
  }

  /** Appends only the type code of a versionstamp, which ends the prefix of a stamped key. */
  public TupleWriter addStampPlace() {
    return put(VERSIONSTAMP);
  }

  /** Returns the encoding so far, as a new array. */
  public byte[] toBytes() {
    return Arrays.copyOf(buffer, length);
  }

  /** Returns the encoding of a whole tuple; see {@link #addElement}. */
  public static byte[] pack(@Nullable Object... elements) {
    TupleWriter writer = new TupleWriter();
    for (Object element : elements) {
      writer.addElement(element);
    }
    return writer.toBytes();
  }

  private TupleWriter nested(List<?> elements) {
    if (++depth > DEPTH_MAX) {
      throw new IllegalArgumentException("Tuples can be nested " + DEPTH_MAX
          + " levels deep at most");
    }
    put(NESTED);
    for (Object element : elements) {
      addElement(element);
      if (element == null) {
        put(0xFF);
      }
    }
    depth--;
    return put(0);
  }

  private TupleWriter terminated(int code, byte[] content) {
    put(code);
    int zeros = 0;
    for (byte b : content) {
      zeros += b == 0 ? 1 : 0;
    }
    if (zeros == 0) {
      raw(content);
    } else {
      for (byte b : content) {
        put(b);
        if (b == 0) {
          put(0xFF);
        }
      }
    }
    return put(0);
  }

  private TupleWriter fixed(long bits, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      put((int) (bits >> shift));
    }
    return this;
  }

  private TupleWriter raw(byte[] bytes) {
    reserve(bytes.length);
    System.arraycopy(bytes, 0, buffer, length, bytes.length);
    length += bytes.length;
    return this;
  }

  private TupleWriter put(int b) {
    reserve(1);
    buffer[length++] = (byte) b;
    return this;
  }

  private void reserve(int more) {
    if (buffer.length - length < more) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
    }
  }
}

package io.divan.json;

import java.math.BigInteger;

/**
 * Encodes JSON numbers of any length as bytes that sort as their values. Equal values, such as
 * {@code 1}, {@code 1.0} and {@code 1e0}, have equal encodings.
 *
 * <p>The first byte is 01 for a negative number, 02 for zero and 03 for a positive number. The
 * value 0.d1d2d3… × 10^e, with d1 &gt; 0, follows as exponent and digits; in a negative number all
 * these bytes are complemented.
 *
 * <ul>
 *   <li>The exponent, if it is at least 0: 80 + L, then L bytes, big-endian. L is 0 for e = 0.
 *   <li>A negative exponent: 7F − L, then the complements of the L bytes of −e.
 *   <li>With more than 118 bytes: F7 or 08, L in two bytes, the bytes. For a negative exponent all
 *       after the first byte is complemented.
 *   <li>The digits: two a byte as 1 + 10·d1 + d2, without trailing zeros, then 00.
 * </ul>
 */
final class NumberKeys {
  private static final int NEGATIVE = 1;
  private static final int ZERO = 2;
  private static final int POSITIVE = 3;
  private static final int EXPONENT = 0x80;
  private static final int SHORT_BYTES_MAX = 118;
  private static final int LONG_EXPONENT = EXPONENT + SHORT_BYTES_MAX + 1;

  private NumberKeys() {}

  static void append(String text, CollatedKeys.KeyBuffer out) {
    Decimal number = Decimal.of(text);
    if (number.sign() == 0) {
      out.add(ZERO);
      return;
    }
    out.add(number.sign() < 0 ? NEGATIVE : POSITIVE);
    int mask = number.sign() < 0 ? 0xFF : 0;
    appendExponent(number.exponent(), mask, out);
    String digits = number.digits();
    for (int i = 0; i < digits.length(); i += 2) {
      int second = i + 1 < digits.length() ? digits.charAt(i + 1) - '0' : 0;
      out.add(mask ^ (1 + 10 * (digits.charAt(i) - '0') + second));
    }
    out.add(mask);
  }

  private static void appendExponent(BigInteger exponent, int mask, CollatedKeys.KeyBuffer out) {
    int inner = exponent.signum() < 0 ? mask ^ 0xFF : mask;
    if (exponent.bitLength() < Integer.SIZE) {
      int value = Math.abs(exponent.intValue());
      int count = (Integer.SIZE + 7 - Integer.numberOfLeadingZeros(value)) / 8;
      out.add(inner ^ (EXPONENT + count));
      for (int i = count - 1; i >= 0; i--) {
        out.add(inner ^ (value >>> 8 * i & 0xFF));
      }
      return;
    }
    byte[] magnitude = exponent.abs().toByteArray();
    int from = magnitude[0] == 0 ? 1 : 0;
    int count = magnitude.length - from;
    if (count <= SHORT_BYTES_MAX) {
      out.add(inner ^ (EXPONENT + count));
    } else {
      out.add(inner ^ LONG_EXPONENT);
      out.add(inner ^ count >> 8);
      out.add(inner ^ count & 0xFF);
    }
    for (int i = from; i < magnitude.length; i++) {
      out.add(inner ^ magnitude[i]);
    }
  }

  /** Returns the index after an encoded number. */
  static int end(byte[] key, int offset) {
    return new Reader(key, offset).skip();
  }

  /** Decodes a number. Integers of up to 21 digits are written without an exponent. */
  static String decode(byte[] key, int offset) {
    return new Reader(key, offset).read();
  }

  /** Reads one encoded number. */
  private static final class Reader {
    private static final int PLAIN_DIGITS_MAX = 21;

    private final byte[] key;
    private int at;
    private int mask;

    Reader(byte[] key, int offset) {
      this.key = key;
      this.at = offset;
    }

    private int next() {
      return (CollatedKeys.byteAt(key, at++) & 0xFF) ^ mask;
    }

    int skip() {
      if (sign() != ZERO) {
        exponent();
        while (next() != 0) {
          // a pair of digits
        }
      }
      return at;
    }

    String read() {
      int sign = sign();
      if (sign == ZERO) {
        return "0";
      }
      BigInteger exponent = exponent();
      StringBuilder digits = new StringBuilder();
      for (int pair = next(); pair != 0; pair = next()) {
        digits.append((char) ('0' + (pair - 1) / 10)).append((char) ('0' + (pair - 1) % 10));
      }
      if (digits.charAt(digits.length() - 1) == '0') {
        digits.setLength(digits.length() - 1);
      }
      return (sign == NEGATIVE ? "-" : "") + text(digits.toString(), exponent);
    }

    private static String text(String digits, BigInteger exponent) {
      boolean plain = exponent.bitLength() < Integer.SIZE;
      int point = plain ? exponent.intValue() : 0;
      if (plain && point >= digits.length() && point <= PLAIN_DIGITS_MAX) {
        return digits + "0".repeat(point - digits.length());
      }
      if (plain && point > 0 && point < digits.length()) {
        return digits.substring(0, point) + "." + digits.substring(point);
      }
      if (point == 0 && plain) {
        return "0." + digits;
      }
      return digits.charAt(0)
          + (digits.length() > 1 ? "." + digits.substring(1) : "")
          + "e"
          + exponent.subtract(BigInteger.ONE);
    }

    private int sign() {
      int sign = next();
      if (sign < NEGATIVE || sign > POSITIVE) {
        throw new IllegalArgumentException("No number at byte " + (at - 1));
      }
      mask = sign == NEGATIVE ? 0xFF : 0;
      return sign;
    }

    private BigInteger exponent() {
      int first = next();
      boolean negative = first < EXPONENT;
      int inner = negative ? 0xFF : 0;
      int count = (first ^ inner) - EXPONENT;
      if (count > SHORT_BYTES_MAX) {
        count = (next() ^ inner) << 8;
        count |= next() ^ inner;
      }
      byte[] magnitude = new byte[count];
      for (int i = 0; i < count; i++) {
        magnitude[i] = (byte) (next() ^ inner);
      }
      BigInteger exponent = new BigInteger(1, magnitude);
      return negative ? exponent.negate() : exponent;
    }
  }
}

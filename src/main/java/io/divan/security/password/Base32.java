package io.divan.security.password;

import java.io.ByteArrayOutputStream;

/** Base32 (RFC 4648), as the keys of second factors are written. */
final class Base32 {
  private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final int BITS = 5;

  private Base32() {}

  /**
   * Decodes upper-case letters and digits, with or without the padding.
   *
   * @throws IllegalArgumentException if the text is not base32
   */
  static byte[] decode(String text) {
    String digits = text.replaceFirst("={1,6}$", "");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int bits = 0;
    int buffer = 0;
    for (int i = 0; i < digits.length(); i++) {
      int value = ALPHABET.indexOf(digits.charAt(i));
      if (value < 0) {
        throw new IllegalArgumentException("A key is not base32");
      }
      buffer = buffer << BITS | value;
      bits += BITS;
      if (bits >= Byte.SIZE) {
        bits -= Byte.SIZE;
        out.write(buffer >> bits);
        buffer &= (1 << bits) - 1;
      }
    }
    if (bits >= BITS) {
      throw new IllegalArgumentException("A key in base32 is cut off");
    }
    return out.toByteArray();
  }
}

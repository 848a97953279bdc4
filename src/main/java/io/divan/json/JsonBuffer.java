package io.divan.json;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * UTF-8 JSON under construction: text is appended as it stands, strings are escaped minimally (the
 * quotation mark, the backslash and control characters). Reusable after {@link #clear()}. For one
 * thread.
 */
public final class JsonBuffer {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int INITIAL_BYTES = 256;
  private static final int KEPT_BYTES_MAX = 1 << 20;
  private static final byte[] NOTHING = {};

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;

  /** Bytes so far. */
  public int length() {
    return length;
  }

  /** Forgets the content; a very large buffer is given back. */
  public void clear() {
    length = 0;
    if (bytes.length > KEPT_BYTES_MAX) {
      bytes = new byte[INITIAL_BYTES];
    }
  }

  /** Forgets the content and gives its memory back. */
  public void release() {
    length = 0;
    bytes = NOTHING;
  }

  /** Appends ASCII text as it stands. */
  public JsonBuffer raw(String ascii) {
    int count = ascii.length();
    reserve(count);
    for (int i = 0; i < count; i++) {
      bytes[length++] = (byte) ascii.charAt(i);
    }
    return this;
  }

  /** Appends one byte. */
  public JsonBuffer raw(char ascii) {
    reserve(1);
    bytes[length++] = (byte) ascii;
    return this;
  }

  /** Appends bytes as they stand. */
  public JsonBuffer raw(byte[] utf8) {
    return raw(utf8, 0, utf8.length);
  }

  /** Appends bytes as they stand. */
  public JsonBuffer raw(byte[] utf8, int offset, int count) {
    reserve(count);
    System.arraycopy(utf8, offset, bytes, length, count);
    length += count;
    return this;
  }

  /** Appends any text as it stands. */
  public JsonBuffer utf8(String text) {
    return raw(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Appends an integer. */
  public JsonBuffer number(long value) {
    return raw(Long.toString(value));
  }

  /**
   * Appends a string with its quotation marks.
   *
   * @throws IllegalArgumentException where a surrogate stands alone
   */
  public JsonBuffer string(String text) {
    return string(text.toCharArray(), 0, text.length());
  }

  /** As {@link #string(String)}. */
  JsonBuffer string(char[] text, int offset, int count) {
    raw('"');
    int end = offset + count;
    int i = offset;
    while (i < end) {
      i = plain(text, i, end);
      if (i < end) {
        char c = text[i++];
        if (Character.isHighSurrogate(c) && i < end) {
          codePoint(c, text[i++]);
        } else {
          character(c);
        }
      }
    }
    return raw('"');
  }

  /** Appends characters that stand for themselves, and tells where the next other one is. */
  private int plain(char[] text, int from, int end) {
    reserve(end - from);
    byte[] to = bytes;
    int at = length;
    int i = from;
    while (i < end && isPlain(text[i])) {
      to[at++] = (byte) text[i++];
    }
    length = at;
    return i;
  }

  private static boolean isPlain(char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
  }

  /** Removes everything from {@code newLength} on. */
  void truncate(int newLength) {
    length = newLength;
  }

  byte[] copy(int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }

  /** The content as a new array. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** Writes the content. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, length);
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private void character(char c) {
    reserve(6);
    if (c >= 0x800) {
      if (Character.isSurrogate(c)) {
        throw new IllegalArgumentException("A surrogate stands alone");
      }
      bytes[length++] = (byte) (0xE0 | c >> 12);
      bytes[length++] = (byte) (0x80 | c >> 6 & 0x3F);
      bytes[length++] = (byte) (0x80 | c & 0x3F);
    } else if (c >= 0x80) {
      bytes[length++] = (byte) (0xC0 | c >> 6);
      bytes[length++] = (byte) (0x80 | c & 0x3F);
    } else {
      bytes[length++] = '\\';
      switch (c) {
        case '"', '\\' -> bytes[length++] = (byte) c;
        case '\b' -> bytes[length++] = 'b';
        case '\f' -> bytes[length++] = 'f';
        case '\n' -> bytes[length++] = 'n';
        case '\r' -> bytes[length++] = 'r';
        case '\t' -> bytes[length++] = 't';
        default -> {
          bytes[length++] = 'u';
          bytes[length++] = '0';
          bytes[length++] = '0';
          bytes[length++] = HEX[c >> 4];
          bytes[length++] = HEX[c & 0xF];
        }
      }
    }
  }

  private void codePoint(char high, char low) {
    if (!Character.isLowSurrogate(low)) {
      throw new IllegalArgumentException("A surrogate stands alone");
    }
    int point = Character.toCodePoint(high, low);
    reserve(4);
    bytes[length++] = (byte) (0xF0 | point >> 18);
    bytes[length++] = (byte) (0x80 | point >> 12 & 0x3F);
    bytes[length++] = (byte) (0x80 | point >> 6 & 0x3F);
    bytes[length++] = (byte) (0x80 | point & 0x3F);
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      int grown = Math.max(INITIAL_BYTES, bytes.length * 2);
      bytes = Arrays.copyOf(bytes, Math.max(grown, length + more));
    }
  }
}

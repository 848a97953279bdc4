package io.divan.json;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing buffer of JSON in UTF-8. Only quotation marks, backslashes and control characters of
 * strings are escaped. Reusable after {@link #clear()}. Not safe for use by several threads.
 */
public final class JsonBuffer {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int INITIAL_BYTES = 256;
  private static final int KEPT_BYTES_MAX = 1 << 20;
  private static final byte[] NOTHING = {};

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;

  /** The number of bytes in the buffer. */
  public int length() {
    return length;
  }

  /** Removes the content, and releases a very large array. */
  public void clear() {
    length = 0;
    if (bytes.length > KEPT_BYTES_MAX) {
      bytes = new byte[INITIAL_BYTES];
    }
  }

  /** Removes the content and releases its array. */
  public void release() {
    length = 0;
    bytes = NOTHING;
  }

  /** Appends ASCII text without escaping. */
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

  /** Appends bytes without escaping. */
  public JsonBuffer raw(byte[] utf8) {
    return raw(utf8, 0, utf8.length);
  }

  /** Appends bytes without escaping. */
  public JsonBuffer raw(byte[] utf8, int offset, int count) {
    reserve(count);
    System.arraycopy(utf8, offset, bytes, length, count);
    length += count;
    return this;
  }

  /** Appends text without escaping. */
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
   * @throws IllegalArgumentException if the text contains an unpaired surrogate
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

  /** Appends characters that need no escape; returns the index of the first that does. */
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
        throw new IllegalArgumentException("The text contains an unpaired surrogate");
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
      throw new IllegalArgumentException("The text contains an unpaired surrogate");
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

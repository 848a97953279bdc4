package io.divan.document.attachment;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.Arrays;

/**
 * Decodes the base64 text that is written to it, as CouchDB does: it skips white space everywhere,
 * requires padding, and refuses every other character outside the standard alphabet. Input that is
 * not base64 sets a flag instead of failing, so that the JSON around it is still read to its end.
 */
final class Base64Decoder extends Writer {
  private static final int BUFFER_BYTES = 24 * 1024;
  private static final int SPACE = -1;
  private static final int PADDING = -2;
  private static final int INVALID = -3;
  private static final byte[] VALUES = values();

  private final OutputStream target;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int length;
  private int group; // the bits of an incomplete group of four characters
  private int characters; // of the incomplete group, with its padding
  private int paddings;
  private boolean ended; // by a group with padding
  private boolean valid = true;

  Base64Decoder(OutputStream target) {
    this.target = target;
  }

  private static byte[] values() {
    byte[] values = new byte[128];
    Arrays.fill(values, (byte) INVALID);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < alphabet.length(); i++) {
      values[alphabet.charAt(i)] = (byte) i;
    }
    for (char space : new char[] {' ', '\t', '\r', '\n'}) {
      values[space] = SPACE;
    }
    values['='] = PADDING;
    return values;
  }

  /**
   * Decodes text.
   *
   * @throws UncheckedIOException if the target fails: a parser would take an {@link IOException}
   *     for malformed JSON
   */
  @Override
  public void write(char[] text, int offset, int count) {
    try {
      decode(text, offset, count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void decode(char[] text, int offset, int count) throws IOException {
    int at = offset;
    int end = offset + count;
    while (valid && at < end) {
      if (characters == 0 && !ended) {
        at = groups(text, at, end);
      }
      if (at < end) {
        valid = character(text[at++]);
      }
    }
  }

  /** Decodes whole groups of four characters. Returns the index of the first other one. */
  private int groups(char[] text, int from, int end) throws IOException {
    int at = from;
    while (end - at >= 4) {
      if (length > BUFFER_BYTES - 3) {
        send();
      }
      int bits =
          value(text[at]) << 18
              | value(text[at + 1]) << 12
              | value(text[at + 2]) << 6
              | value(text[at + 3]);
      if (bits < 0) { // the sign of a value that is not a digit survives its shift
        break;
      }
      buffer[length] = (byte) (bits >> 16);
      buffer[length + 1] = (byte) (bits >> 8);
      buffer[length + 2] = (byte) bits;
      length += 3;
      at += 4;
    }
    return at;
  }

  private static int value(char c) {
    return c < VALUES.length ? VALUES[c] : INVALID;
  }

  /** Takes one character. Returns whether the text may still be base64. */
  private boolean character(char c) throws IOException {
    int value = value(c);
    if (value == SPACE) {
      return true;
    }
    if (value == INVALID || ended) {
      return false;
    }
    if (value == PADDING) {
      if (characters < 2) {
        return false;
      }
      paddings++;
      value = 0;
    } else if (paddings > 0) {
      return false;
    }
    group = group << 6 | value;
    characters++;
    if (characters == 4) {
      endGroup();
    }
    return true;
  }

  private void endGroup() throws IOException {
    if (length > BUFFER_BYTES - 3) {
      send();
    }
    for (int i = 0; i < 3 - paddings; i++) {
      buffer[length++] = (byte) (group >> 16 - 8 * i);
    }
    ended = paddings > 0;
    characters = 0;
    group = 0;
  }

  private void send() throws IOException {
    target.write(buffer, 0, length);
    length = 0;
  }

  /** Writes the last bytes to the target. Returns whether the whole text was base64. */
  boolean finish() throws IOException {
    valid &= characters == 0;
    if (valid) {
      send();
    }
    return valid;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}

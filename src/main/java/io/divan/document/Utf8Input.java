package io.divan.document;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Input that must be JSON in UTF-8 as RFC 3629 defines it. The parser alone would also take overlong
 * forms, surrogates in pairs of three bytes, a byte order mark, UTF-16 and UTF-32: different bytes
 * would be one name, and CouchDB refuses them all. JSON begins with ASCII and never holds a zero
 * byte. For one thread.
 */
final class Utf8Input extends FilterInputStream {
  private int expected; // how many bytes of the current character are still to come
  private int least = 0x80; // between which values the next of them must lie
  private int most = 0xBF;
  private boolean begun;

  private Utf8Input(InputStream in) {
    super(in);
  }

  /** The same bytes. Reading what is not UTF-8 throws {@link DocumentException.BadRequest}. */
  static InputStream of(InputStream in) {
    return new Utf8Input(in);
  }

  /**
   * Checks all the bytes of an input.
   *
   * @throws DocumentException.BadRequest where they are not UTF-8
   */
  static byte[] check(byte[] bytes) {
    Utf8Input input = new Utf8Input(InputStream.nullInputStream());
    input.check(bytes, 0, bytes.length);
    input.checkEnd();
    return bytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int count = in.read(bytes, offset, length);
    if (count < 0) {
      checkEnd();
    } else {
      check(bytes, offset, offset + count);
    }
    return count;
  }

  private void check(byte[] bytes, int from, int to) {
    int i = from;
    if (i < to && !begun) {
      begun = true;
      require(bytes[i] > 0);
    }
    while (i < to) {
      if (expected == 0 && bytes[i] > 0) {
        i++;
      } else {
        next(bytes[i++] & 0xFF);
      }
    }
  }

  private void next(int b) {
    if (expected > 0) {
      require(b >= least && b <= most);
      expected--;
      least = 0x80;
      most = 0xBF;
      return;
    }
    require(b >= 0xC2 && b <= 0xF4);
    if (b < 0xE0) {
      expected = 1;
    } else if (b < 0xF0) {
      expected = 2;
      least = b == 0xE0 ? 0xA0 : 0x80;
      most = b == 0xED ? 0x9F : 0xBF;
    } else {
      expected = 3;
      least = b == 0xF0 ? 0x90 : 0x80;
      most = b == 0xF4 ? 0x8F : 0xBF;
    }
  }

  private void checkEnd() {
    require(expected == 0);
  }

  private static void require(boolean valid) {
    if (!valid) {
      throw new DocumentException.BadRequest("invalid UTF-8 JSON");
    }
  }
}

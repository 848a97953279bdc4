package io.divan.document.attachment;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Base64;

/** Encodes what is written to it as base64 with padding and without line ends. */
final class Base64Output extends FilterOutputStream {
  private static final int GROUPS = 16 * 1024;

  private final byte[] plain;
  private final byte[] encoded;
  private int length;

  Base64Output(OutputStream out) {
    this(out, Long.MAX_VALUE);
  }

  /**
   * Creates an encoder.
   *
   * @param bytes about how many bytes will be written, for the size of the buffers
   */
  Base64Output(OutputStream out, long bytes) {
    super(out);
    int groups = Math.clamp(bytes / 3 + 1, 1, GROUPS);
    plain = new byte[3 * groups];
    encoded = new byte[4 * groups];
  }

  /** The number of characters that encode this many bytes. */
  static long encodedLength(long bytes) {
    return (bytes + 2) / 3 * 4;
  }

  @Override
  public void write(int b) throws IOException {
    plain[length++] = (byte) b;
    if (length == plain.length) {
      encode(plain);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    int at = offset;
    int end = offset + count;
    while (at < end) {
      int copied = Math.min(end - at, plain.length - length);
      System.arraycopy(bytes, at, plain, length, copied);
      at += copied;
      length += copied;
      if (length == plain.length) {
        encode(plain);
      }
    }
  }

  private void encode(byte[] whole) throws IOException {
    out.write(encoded, 0, Base64.getEncoder().encode(whole, encoded));
    length = 0;
  }

  /** Writes the last group with its padding. The target stays open. */
  void finish() throws IOException {
    encode(Arrays.copyOf(plain, length));
  }

  /** Flushes the target. Bytes of an incomplete group stay here. */
  @Override
  public void flush() throws IOException {
    out.flush();
  }

  /** Does nothing; the target stays open. */
  @Override
  public void close() {}
}

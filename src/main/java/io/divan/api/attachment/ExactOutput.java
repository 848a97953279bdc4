package io.divan.api.attachment;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Passes on a known number of bytes. A body with a stated length is useless with any other. */
final class ExactOutput extends FilterOutputStream {
  private long rest;

  private ExactOutput(OutputStream out, long length) {
    super(out);
    this.rest = length;
  }

  /**
   * Writes content that must have a given length.
   *
   * @throws IllegalStateException if it has another one
   */
  static void write(AttachmentContent content, long length, OutputStream out) throws IOException {
    ExactOutput exact = new ExactOutput(out, length);
    content.writeTo(exact);
    if (exact.rest > 0) {
      throw new IllegalStateException("The content is " + exact.rest + " bytes too short");
    }
  }

  private void take(int count) {
    rest -= count;
    if (rest < 0) {
      throw new IllegalStateException("The content is longer than stated");
    }
  }

  @Override
  public void write(int b) throws IOException {
    take(1);
    out.write(b);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    take(count);
    out.write(bytes, offset, count);
  }

  /** Does nothing; the target stays open. */
  @Override
  public void close() {}
}

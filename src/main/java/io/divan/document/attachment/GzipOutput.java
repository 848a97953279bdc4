package io.divan.document.attachment;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Compresses what is written to it, to the bytes that CouchDB stores. They are one gzip member with
 * zlib's own header, which names Unix as the system and no time. {@link
 * java.util.zip.GZIPOutputStream} writes another header, and so the digests would differ.
 */
final class GzipOutput extends FilterOutputStream {
  static final int LEVEL_MIN = 1;
  static final int LEVEL_MAX = 9;

  private static final int BUFFER_BYTES = 32 * 1024;
  private static final int UNIX = 3;

  private final Deflater deflater;
  private final CRC32 checksum = new CRC32();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private boolean finished;

  /**
   * Writes the header.
   *
   * @param level zlib's compression level, from 1 to 9
   */
  GzipOutput(OutputStream out, int level) throws IOException {
    super(out);
    if (level < LEVEL_MIN || level > LEVEL_MAX) {
      throw new IllegalArgumentException("No compression level of gzip: " + level);
    }
    out.write(header(level));
    deflater = new Deflater(level, true);
  }

  private static byte[] header(int level) {
    byte effort = (byte) (level == LEVEL_MAX ? 2 : level == LEVEL_MIN ? 4 : 0);
    return new byte[] {0x1F, (byte) 0x8B, Deflater.DEFLATED, 0, 0, 0, 0, 0, effort, UNIX};
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    checksum.update(bytes, offset, count);
    deflater.setInput(bytes, offset, count);
    while (!deflater.needsInput()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
  }

  /** Writes the rest of the gzip member. The target stays open. */
  void finish() throws IOException {
    if (finished) {
      return;
    }
    finished = true;
    deflater.finish();
    while (!deflater.finished()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
    byte[] trailer = new byte[8];
    littleEndian((int) checksum.getValue(), trailer, 0);
    littleEndian((int) deflater.getBytesRead(), trailer, 4);
    out.write(trailer);
  }

  private static void littleEndian(int value, byte[] to, int offset) {
    for (int i = 0; i < 4; i++) {
      to[offset + i] = (byte) (value >>> 8 * i);
    }
  }

  /** Does nothing: a flush would change the compressed bytes. */
  @Override
  public void flush() {}

  /** Releases the native memory without finishing. The target stays open. */
  @Override
  public void close() {
    finished = true;
    deflater.end();
  }
}

package io.divan.document.attachment;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Inflates what is written to it. Accepts one or more gzip members and nothing else: malformed
 * content fails with a {@link ZipException}. Inflated bytes go to the target in pieces, so that
 * content of any expansion needs the same memory.
 *
 * <p>With a {@link ContentDigest} as its target, it computes the identity digest and length of
 * content that arrives gzipped.
 */
final class GunzipOutput extends OutputStream {
  private static final int BUFFER_BYTES = 32 * 1024;
  private static final int FIXED_HEADER_BYTES = 10;
  private static final int TRAILER_BYTES = 8;

  private static final int HEADER_CHECKSUM = 1 << 1;
  private static final int EXTRA = 1 << 2;
  private static final int NAME = 1 << 3;
  private static final int COMMENT = 1 << 4;
  private static final int RESERVED = 0xE0;

  /** The part of a member that the next byte belongs to. */
  private enum Part {
    FIXED_HEADER,
    EXTRA_LENGTH,
    EXTRA_FIELD,
    NAME,
    COMMENT,
    HEADER_CHECKSUM,
    DATA,
    TRAILER
  }

  private final OutputStream target;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private final CRC32 headerChecksum = new CRC32();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final byte[] fields = new byte[FIXED_HEADER_BYTES];

  private Part part = Part.FIXED_HEADER;
  private int partBytes; // of the current part so far
  private int flags;
  private int extraBytes;
  private long members;

  GunzipOutput(OutputStream target) {
    this.target = target;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    int at = offset;
    int end = offset + count;
    while (at < end) {
      if (part == Part.DATA) {
        at += inflate(bytes, at, end - at);
      } else if (part == Part.TRAILER) {
        trailer(bytes[at++]);
      } else {
        header(bytes[at++]);
      }
    }
  }

  /** Returns the number of bytes that belong to the deflated data. */
  private int inflate(byte[] bytes, int offset, int count) throws IOException {
    inflater.setInput(bytes, offset, count);
    try {
      while (!inflater.finished()) {
        int inflated = inflater.inflate(buffer);
        if (inflated == 0) {
          if (inflater.needsDictionary()) {
            throw new ZipException("The gzip content needs a dictionary");
          }
          if (inflater.needsInput()) {
            break;
          }
        }
        checksum.update(buffer, 0, inflated);
        target.write(buffer, 0, inflated);
      }
    } catch (DataFormatException e) {
      throw new ZipException("The gzip content is malformed: " + e.getMessage());
    }
    int rest = inflater.getRemaining();
    if (inflater.finished()) {
      enter(Part.TRAILER);
    }
    return count - rest;
  }

  private void trailer(byte b) throws ZipException {
    fields[partBytes++] = b;
    if (partBytes < TRAILER_BYTES) {
      return;
    }
    if (littleEndian(0, 4) != checksum.getValue()
        || littleEndian(4, 4) != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
      throw new ZipException("The checksum of the gzip content does not match");
    }
    inflater.reset();
    checksum.reset();
    members++;
    enter(Part.FIXED_HEADER);
  }

  private void header(byte b) throws ZipException {
    if (part == Part.HEADER_CHECKSUM) {
      fields[partBytes++] = b;
      if (partBytes == 2) {
        if (littleEndian(0, 2) != (headerChecksum.getValue() & 0xFFFF)) {
          throw new ZipException("The checksum of the gzip header does not match");
        }
        enter(Part.DATA);
      }
      return;
    }
    if (part == Part.FIXED_HEADER && partBytes == 0) {
      headerChecksum.reset();
    }
    headerChecksum.update(b);
    switch (part) {
      case FIXED_HEADER -> fixedHeader(b);
      case EXTRA_LENGTH -> {
        fields[partBytes++] = b;
        if (partBytes == 2) {
          extraBytes = (int) littleEndian(0, 2);
          enter(extraBytes > 0 ? Part.EXTRA_FIELD : afterExtra());
        }
      }
      case EXTRA_FIELD -> {
        if (++partBytes == extraBytes) {
          enter(afterExtra());
        }
      }
      case NAME -> {
        if (b == 0) {
          enter(afterName());
        }
      }
      case COMMENT -> {
        if (b == 0) {
          enter(afterComment());
        }
      }
      default -> throw new IllegalStateException(part.toString());
    }
  }

  private void fixedHeader(byte b) throws ZipException {
    fields[partBytes++] = b;
    boolean valid =
        switch (partBytes) {
          case 1 -> b == 0x1F;
          case 2 -> b == (byte) 0x8B;
          case 3 -> b == 8;
          case 4 -> (b & RESERVED) == 0;
          default -> true;
        };
    if (!valid) {
      throw new ZipException("The content is not gzip");
    }
    if (partBytes == FIXED_HEADER_BYTES) {
      flags = fields[3];
      enter((flags & EXTRA) != 0 ? Part.EXTRA_LENGTH : afterExtra());
    }
  }

  private Part afterExtra() {
    return (flags & NAME) != 0 ? Part.NAME : afterName();
  }

  private Part afterName() {
    return (flags & COMMENT) != 0 ? Part.COMMENT : afterComment();
  }

  private Part afterComment() {
    return (flags & HEADER_CHECKSUM) != 0 ? Part.HEADER_CHECKSUM : Part.DATA;
  }

  private void enter(Part next) {
    part = next;
    partBytes = 0;
  }

  private long littleEndian(int offset, int count) {
    long value = 0;
    for (int i = count - 1; i >= 0; i--) {
      value = value << 8 | fields[offset + i] & 0xFF;
    }
    return value;
  }

  /**
   * Checks that the content is complete. The target stays open.
   *
   * @throws ZipException if a member is cut off, or there is none
   */
  void finish() throws ZipException {
    if (part != Part.FIXED_HEADER || partBytes > 0 || members == 0) {
      throw new ZipException("The gzip content is cut off");
    }
  }

  @Override
  public void flush() throws IOException {
    target.flush();
  }

  /** Releases the native memory. The target stays open. */
  @Override
  public void close() {
    inflater.end();
  }
}

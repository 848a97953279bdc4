package io.divan.api.attachment;

import java.io.InputStream;
import java.util.function.IntUnaryOperator;

/** Returns the bytes of an array in pieces, as a socket does. */
final class CutStream extends InputStream {
  private final byte[] bytes;
  private final IntUnaryOperator pieces;
  private int position;

  /**
   * Creates a stream.
   *
   * @param pieces the size of the piece that begins at a position
   */
  CutStream(byte[] bytes, IntUnaryOperator pieces) {
    this.bytes = bytes;
    this.pieces = pieces;
  }

  /** Creates a stream whose first read ends at a position. */
  static CutStream at(byte[] bytes, int cut) {
    return new CutStream(
        bytes, position -> position < cut ? cut - position : bytes.length - position);
  }

  /** How many bytes have been read. */
  int position() {
    return position;
  }

  @Override
  public int read() {
    return position == bytes.length ? -1 : bytes[position++] & 0xFF;
  }

  @Override
  public int read(byte[] to, int offset, int count) {
    if (position == bytes.length) {
      return -1;
    }
    int piece = Math.max(1, pieces.applyAsInt(position));
    int read = Math.min(Math.min(piece, count), bytes.length - position);
    System.arraycopy(bytes, position, to, offset, read);
    position += read;
    return read;
  }
}

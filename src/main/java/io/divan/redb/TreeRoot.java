package io.divan.redb;

import java.nio.ByteBuffer;

/**
 * A tree: 32 bytes where it is stored, little-endian: page, checksum, length.
 *
 * @param page its root page
 * @param checksum that of the root page
 * @param length how many pairs it holds
 */
record TreeRoot(long page, Checksum checksum, long length) {
  static final int BYTES = 32;

  void write(ByteBuffer out) {
    out.putLong(page).putLong(checksum.low()).putLong(checksum.high()).putLong(length);
  }

  static TreeRoot read(ByteBuffer in) {
    return new TreeRoot(in.getLong(), new Checksum(in.getLong(), in.getLong()), in.getLong());
  }
}

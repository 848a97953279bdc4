package io.divan.redb;

import java.nio.ByteBuffer;

/**
 * The root of a tree. Stored as 32 bytes, little-endian: page, checksum, length.
 *
 * @param page the root page
 * @param checksum the checksum of the root page
 * @param length the number of pairs
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

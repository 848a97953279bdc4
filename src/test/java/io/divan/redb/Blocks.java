package io.divan.redb;

import java.io.EOFException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The bytes of a file in immutable blocks that are replaced as a whole. Taking an {@link Image}
 * copies references only. Many threads may read while one writes. A read that races with a write to
 * the same block sees the block before or after the write.
 */
final class Blocks {
  static final int BYTES = 4096;
  private static final byte[] ZEROS = new byte[BYTES];

  /** The content of a file at some moment; shares the file's blocks. */
  record Image(byte[][] blocks, long length) {
    static final Image EMPTY = new Image(new byte[0][], 0);

    static Image of(byte[] content) {
      Blocks file = new Blocks(EMPTY);
      file.setLength(content.length);
      file.write(0, content, 0, content.length);
      return file.image();
    }

    byte[] content() {
      byte[] content = new byte[Math.toIntExact(length)];
      for (int i = 0; i < blocks.length; i++) {
        int from = i * BYTES;
        System.arraycopy(blocks[i], 0, content, from, Math.min(BYTES, content.length - from));
      }
      return content;
    }
  }

  private volatile AtomicReferenceArray<byte[]> blocks;
  private volatile long length;

  Blocks(Image image) {
    blocks = new AtomicReferenceArray<>(image.blocks());
    length = image.length();
  }

  long length() {
    return length;
  }

  Image image() {
    byte[][] all = new byte[count(length)][];
    for (int i = 0; i < all.length; i++) {
      all[i] = blocks.get(i);
    }
    return new Image(all, length);
  }

  void read(long position, byte[] target, int offset, int count) throws EOFException {
    if (position < 0 || position > length || count > length - position) {
      throw new EOFException(count + " bytes at " + position + " of " + length);
    }
    AtomicReferenceArray<byte[]> now = blocks;
    for (int done = 0; done < count;) {
      int from = (int) ((position + done) % BYTES);
      int bytes = Math.min(BYTES - from, count - done);
      byte[] block = now.get((int) ((position + done) / BYTES));
      System.arraycopy(block, from, target, offset + done, bytes);
      done += bytes;
    }
  }

  /** Writes bytes, except those beyond the length. */
  void write(long position, byte[] source, int offset, int count) {
    long end = Math.min(length, position + count);
    for (long at = position; at < end;) {
      int block = (int) (at / BYTES);
      int from = (int) (at % BYTES);
      int bytes = (int) Math.min(BYTES - from, end - at);
      byte[] fresh = bytes == BYTES ? new byte[BYTES] : blocks.get(block).clone();
      System.arraycopy(source, offset + (int) (at - position), fresh, from, bytes);
      blocks.set(block, fresh);
      at += bytes;
    }
  }

  void setLength(long wanted) {
    AtomicReferenceArray<byte[]> now = blocks;
    int count = count(wanted);
    if (count > now.length()) {
      byte[][] more = new byte[Math.max(count, now.length() + now.length() / 4)][];
      for (int i = 0; i < more.length; i++) {
        more[i] = i < now.length() ? now.get(i) : ZEROS;
      }
      blocks = new AtomicReferenceArray<>(more);
    } else if (wanted < length) {
      clearFrom(wanted);
    }
    length = wanted;
  }

  private void clearFrom(long wanted) {
    int kept = (int) (wanted % BYTES);
    int first = (int) (wanted / BYTES);
    if (kept > 0) {
      blocks.set(first, Arrays.copyOf(Arrays.copyOf(blocks.get(first), kept), BYTES));
    }
    for (int i = kept > 0 ? first + 1 : first; i < count(length); i++) {
      blocks.set(i, ZEROS);
    }
  }

  private static int count(long length) {
    return Math.toIntExact((length + BYTES - 1) / BYTES);
  }
}

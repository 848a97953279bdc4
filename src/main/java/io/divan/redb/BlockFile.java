package io.divan.redb;

import java.io.IOException;

/**
 * The file under a database: all that the engine asks of a disk. Reads may come from many threads
 * at once, everything else from one at a time. What is written is durable after {@link #sync} and
 * in no order before it; a write changes no byte outside its range.
 */
public interface BlockFile extends AutoCloseable {

  /** Its length in bytes. */
  long length() throws IOException;

  /**
   * Reads exactly so many bytes.
   *
   * @throws java.io.EOFException when the file ends before
   */
  void read(long position, byte[] target, int offset, int count) throws IOException;

  /** Writes within the file's length. */
  void write(long position, byte[] source, int offset, int count) throws IOException;

  /**
   * Extends with zeros, or truncates.
   *
   * @throws IOException when there is no space; the length is as it was
   */
  void setLength(long length) throws IOException;

  /** Bytes that the disk has left for this file; the maximum if unknown. */
  default long usableBytes() {
    return Long.MAX_VALUE;
  }

  /** Makes all that was written durable, the length too. */
  void sync() throws IOException;

  /** Gives up the file and its lock; writes nothing. */
  @Override
  void close() throws IOException;
}

package io.divan.redb;

import java.io.IOException;

/**
 * The file that holds a database: the complete interface between this package and the disk. Many
 * threads may read at once; every other method is called by one thread at a time. A write is
 * durable only after {@link #sync}, and writes before a sync reach the disk in any order. A write
 * changes no byte outside its range.
 */
public interface BlockFile extends AutoCloseable {

  /** Returns the length in bytes. */
  long length() throws IOException;

  /**
   * Reads exactly {@code count} bytes.
   *
   * @throws java.io.EOFException if the file ends earlier
   */
  void read(long position, byte[] target, int offset, int count) throws IOException;

  /** Writes bytes within the current length of the file. */
  void write(long position, byte[] source, int offset, int count) throws IOException;

  /**
   * Extends the file with zeros, or truncates it.
   *
   * @throws IOException if the disk is full; the length is then unchanged
   */
  void setLength(long length) throws IOException;

  /** Returns the free bytes on the disk of this file; the maximum if unknown. */
  default long usableBytes() {
    return Long.MAX_VALUE;
  }

  /** Lets the disk begin to write what was written so far, if that is much. Does not wait. */
  default void writeBehind() throws IOException {}

  /** Makes all earlier writes durable, including the length. */
  void sync() throws IOException;

  /** Closes the file and releases its lock, without writing. */
  @Override
  void close() throws IOException;
}

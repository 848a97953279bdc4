package io.divan.redb.benchmark;

import java.nio.file.Path;
import java.sql.SQLException;

/** An ordered, durable key-value store to measure. */
interface Candidate {

  /** Returns its name in options, directories and the result table. */
  String name();

  /**
   * Opens the store in a directory, or creates it if the directory is empty.
   *
   * @param cacheBytes the maximum size of cached pages, for all readers together
   * @param unwrittenBytes the maximum size of a commit kept in memory before parts of it are
   *     written, if the store has such a setting
   * @param readers the maximum number of concurrent readers
   */
  Store open(Path directory, long cacheBytes, long unwrittenBytes, int readers) throws Exception;

  /**
   * An open store. One thread at a time calls {@link #put} and {@link #commit}. No reader is open
   * during writes.
   */
  interface Store extends AutoCloseable {

    /** Sets the value of a key; begins a transaction if none is open. */
    void put(byte[] key, byte[] value) throws Exception;

    /** Makes all earlier puts durable. */
    void commit() throws Exception;

    /**
     * Makes one pair durable the way that suits the store best in a program with many threads and
     * no group commit of its own. Many threads call it at once.
     */
    void putFromMany(byte[] key, byte[] value) throws Exception;

    /** Returns a snapshot of all pairs, for one thread. */
    Reader reader() throws Exception;

    @Override
    void close() throws SQLException;
  }

  /** Reads from a snapshot; used by one thread. */
  interface Reader extends AutoCloseable {

    /** Adds the value of a key to the tally, if the key exists. */
    void get(byte[] key, Tally tally) throws Exception;

    /**
     * Adds the values from a key on, in key order, to the tally.
     *
     * @param from the first key, inclusive; an empty key for all
     */
    void scan(byte[] from, long rowsMax, Tally tally) throws Exception;

    @Override
    void close() throws SQLException;
  }

  /**
   * Counts the values read and sums their first and last bytes. Each value's bytes are thus
   * touched, and the results of all stores can be compared.
   */
  final class Tally {
    long rows;
    long bytes;

    void add(byte[] array, int offset, int length) {
      rows++;
      bytes += array[offset] + array[offset + length - 1];
    }

    void add(byte[] value) {
      add(value, 0, value.length);
    }

    void add(Tally other) {
      rows += other.rows;
      bytes += other.bytes;
    }
  }
}

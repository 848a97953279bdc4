package io.divan.redb.benchmark;

import java.nio.file.Path;
import java.sql.SQLException;

/** An ordered, durable key-value engine under measurement. */
interface Engine {

  /** Its name in options, directories and the table. */
  String name();

  /**
   * Opens what it keeps in a directory, or makes it where there is nothing.
   *
   * @param cacheBytes how much of its pages it may keep in memory, all readers together
   * @param unwrittenBytes how much of a commit it may keep in memory before it writes some of it,
   *     where it has such a setting
   * @param readers the most readers that will be open at once
   */
  Store open(Path directory, long cacheBytes, long unwrittenBytes, int readers) throws Exception;

  /**
   * An open one. {@link #put} and {@link #commit} are called by one thread at a time, readers are
   * only open while nothing is written.
   */
  interface Store extends AutoCloseable {

    /** Sets a key's value; begins a transaction where none is open. */
    void put(byte[] key, byte[] value) throws Exception;

    /** Makes all that was put durable. */
    void commit() throws Exception;

    /**
     * Makes one pair durable the way a program with many threads would that has no group commit of
     * its own; many threads call it at once.
     */
    void putFromMany(byte[] key, byte[] value) throws Exception;

    /** One state of all pairs, for one thread. */
    Reader reader() throws Exception;

    @Override
    void close() throws SQLException;
  }

  /** Reads; for one thread. */
  interface Reader extends AutoCloseable {

    /** Adds the value of a key, where there is one. */
    void get(byte[] key, Tally tally) throws Exception;

    /**
     * Adds the values from a key on, in order.
     *
     * @param from the first key, inclusive; an empty one for all
     */
    void scan(byte[] from, long rowsMax, Tally tally) throws Exception;

    @Override
    void close() throws SQLException;
  }

  /**
   * What was read: how many values, and the sum of their first and last bytes, so that each value's
   * bytes are touched and every engine's answers can be compared.
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

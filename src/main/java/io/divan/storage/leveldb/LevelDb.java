package io.divan.storage.leveldb;

import io.divan.storage.Store;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;

/**
 * A LevelDB database directly on a store, with the features that the store adds: transactions,
 * compare-and-set, values that expire, and iteration that another process can continue.
 * Thread-safe; an iterator is used by one thread at a time.
 *
 * <ul>
 *   <li>Every write is one transaction of the store and is durable when it returns, whatever {@link
 *       org.iq80.leveldb.WriteOptions#sync()} says.
 *   <li>A key has at most 8,192 bytes, a value at most 100,000 bytes, and a batch at most 9,000,000
 *       bytes, counted as value + 3 × key + 64 per operation. If values expire or snapshots are
 *       kept, the first two are up to 9 bytes lower.
 *   <li>Keys sort as unsigned bytes. Only the name of a comparator is used; a comparator with
 *       another order is rejected.
 *   <li>An iterator reads pages, each of one state. {@link LevelDbOptions.Iterators} determines
 *       whether it sees later writes. An iterator with a snapshot sees that snapshot.
 *   <li>Failures throw {@link org.iq80.leveldb.DBException}. If the store has failed, its cause is
 *       a {@link io.divan.storage.StorageException}, such as {@code SnapshotTooOld}.
 *   <li>There are no files and nothing to compact: {@code compactRange} does nothing, and levels
 *       are empty.
 * </ul>
 */
public interface LevelDb extends DB {

  /**
   * Opens the database in a store, and creates it if the options allow that.
   *
   * @param store a store that holds nothing else; closing the database does not close it
   * @param options LevelDB's options: {@code createIfMissing}, {@code errorIfExists}, {@code
   *     comparator} and {@code logger} are used; the others concern files and are ignored
   * @throws IllegalArgumentException if the database exists or is missing contrary to the options,
   *     if it has another comparator or lacks a requested property, or if the comparator does not
   *     sort by bytes
   * @throws org.iq80.leveldb.DBException if the store fails
   */
  static LevelDb open(Store store, Options options, LevelDbOptions more) {
    return StoreDb.open(store, options, more, StoreDb.Bounds.CHECKED);
  }

  /** Runs a function that reads one state. The function may run more than once. */
  <T> T read(Function<LevelDbReads, T> work);

  /**
   * Runs a serializable transaction. The function may run more than once. It must not keep the
   * transaction or use the database in any other way. An exception that it throws rolls the
   * transaction back and is rethrown.
   */
  <T> T transact(Function<LevelDbTransaction, T> work);

  /**
   * Sets or deletes the value of a key if the current value is the expected one.
   *
   * @param expected the expected value; empty if the key must not exist
   * @param next the new value; empty to delete the key
   * @return whether the current value was the expected one
   */
  boolean compareAndSet(byte[] key, Optional<byte[]> expected, Optional<byte[]> next);

  /**
   * Sets the value of a key, with a time to live. After that time the value is no longer visible;
   * {@link #sweep} frees its space.
   *
   * @throws IllegalStateException if values of this database do not expire
   */
  void put(byte[] key, byte[] value, Duration timeToLive);

  /**
   * Removes the values that have expired, in bounded transactions.
   *
   * @return the number of removed values
   */
  long sweep();

  /** Returns an iterator over a range. */
  DBIterator iterator(LevelDbCursor part);

  /**
   * Reads the next rows of a cursor, all of one state.
   *
   * @param rows the maximum number of rows; fewer are returned if they exceed 1 MB
   */
  LevelDbPage page(LevelDbCursor part, int rows);

  /** Returns the size of keys and values in a range: exact up to 1 MB, estimated beyond that. */
  long estimatedBytes(LevelDbCursor part);
}

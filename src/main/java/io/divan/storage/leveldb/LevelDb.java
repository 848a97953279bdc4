package io.divan.storage.leveldb;

import io.divan.storage.Store;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;

/**
 * A LevelDB database straight over a store, and what the store adds to LevelDB: transactions over
 * many operations, compare-and-set, values that expire, and iteration that another process can go
 * on with. Safe for use by many threads; iterators are for one thread at a time.
 *
 * <ul>
 *   <li>Every write is one transaction of the store, and durable when it returns, whatever {@link
 *       org.iq80.leveldb.WriteOptions#sync()} says.
 *   <li>A key has at most 8,192 bytes and a value 100,000; a batch is at most 9,000,000 bytes,
 *       counted as value + 3 × key + 64 for each operation. In a database whose values expire or
 *       that keeps snapshots both are up to 9 bytes less.
 *   <li>Keys sort as unsigned bytes. A comparator is only looked at for its name, and refused where
 *       it sorts otherwise.
 *   <li>An iterator answers pages, each of one moment. {@link LevelDbOptions.Iterators} says
 *       whether it goes on with what was written meanwhile. One with a snapshot is of that moment.
 *   <li>What fails throws {@link org.iq80.leveldb.DBException}; where the store has failed, its
 *       cause is a {@link io.divan.storage.StorageException}, {@code SnapshotTooOld} among them.
 *   <li>There is nothing to compact, and no files: {@code compactRange} does nothing, levels are
 *       empty.
 * </ul>
 */
public interface LevelDb extends DB {

  /**
   * Opens the database in a store, and makes it there where the options allow that.
   *
   * @param store a store that holds nothing else; it is not closed with the database
   * @param options LevelDB's: {@code createIfMissing}, {@code errorIfExists}, {@code comparator}
   *     and {@code logger} are obeyed, the others speak of files and have no meaning here
   * @throws IllegalArgumentException when the database is there or missing against the options, has
   *     another comparator or other properties, or the comparator does not sort by bytes
   * @throws org.iq80.leveldb.DBException when the store fails
   */
  static LevelDb open(Store store, Options options, LevelDbOptions more) {
    return StoreDb.open(store, options, more, StoreDb.Bounds.CHECKED);
  }

  /** Reads as often as the work likes, all of one moment. The work may run more than once. */
  <T> T read(Function<LevelDbReads, T> work);

  /**
   * Runs a transaction: what it reads is what it changes, and nobody else comes between. The work
   * may run more than once, keeps nothing of the transaction and uses nothing else of the database;
   * what it throws undoes the transaction and is thrown on.
   */
  <T> T transact(Function<LevelDbTransaction, T> work);

  /**
   * Sets or removes a key's value if it is what is expected.
   *
   * @param expected the value expected, or nothing for none
   * @param next the value to be set, or nothing to remove it
   * @return whether it was
   */
  boolean compareAndSet(byte[] key, Optional<byte[]> expected, Optional<byte[]> next);

  /**
   * Sets a key's value for a while. Once it is over nobody sees it any more; its space is given
   * back by {@link #sweep}.
   *
   * @throws IllegalStateException when values of this database do not expire
   */
  void put(byte[] key, byte[] value, Duration timeToLive);

  /**
   * Removes what has expired by now, in bounded transactions.
   *
   * @return how many values were removed
   */
  long sweep();

  /** An iterator over a part of the database. */
  DBIterator iterator(LevelDbCursor part);

  /**
   * Reads the next rows of a part, all of one moment.
   *
   * @param rows the most that are answered; fewer where they have more than 1 MB
   */
  LevelDbPage page(LevelDbCursor part, int rows);

  /** Bytes of keys and values in a part: exact up to 1 MB, an estimate beyond that. */
  long estimatedBytes(LevelDbCursor part);
}

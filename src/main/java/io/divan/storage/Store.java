package io.divan.storage;

import java.util.Optional;
import java.util.function.Function;

/**
 * One database's tables. A handle belongs to one incarnation of the database: once that is deleted,
 * every method throws {@link StorageException.DatabaseNotFound}, also when a database of the same
 * name has been created since. Safe for use by many threads.
 */
public interface Store {

  /** The database's name. */
  String name();

  /**
   * Runs {@code work} on one consistent snapshot. Work may run more than once, does no I/O outside
   * its transaction and keeps nothing of the transaction.
   *
   * @throws StorageException as the family says
   */
  <T> T read(Function<ReadTransaction, T> work);

  /**
   * Runs {@code work} in a serializable transaction; what it wrote is durable when this returns.
   * An exception from the work rolls back and is thrown on. Work may run more than once, does no
   * I/O outside its transaction and keeps nothing of the transaction.
   *
   * @throws StorageException as the family says
   */
  <T> Written<T> write(Function<WriteTransaction, T> work);

  /**
   * A scan that may outlive a transaction: see {@link BatchScan}. Nothing is open between batches,
   * so there is nothing to close.
   *
   * @param batchRows the most rows of one batch, at least 1: as many as the reader can expect to
   *     take, or {@link Range#NO_LIMIT} when it reads nothing more than the rows
   */
  default <T> BatchScan<T> scan(Range range, int batchRows, BatchScan.Reader<T> reader) {
    return new BatchScan<>(this, range, batchRows, reader);
  }

  /**
   * A snapshot that outlives a function.
   *
   * @throws StorageException.StoreUnavailable when too many are open
   */
  Snapshot openSnapshot();

  /**
   * Removes rows of a range in one bounded transaction.
   *
   * @return what remains to be cleared by calling again, or nothing
   */
  default Optional<Range> clear(Range range) {
    return BoundedClear.step(this, range);
  }

  /**
   * Gives space that is free within the engine's files back to the file system, in one bounded
   * step: readers go on, writers wait for no more than some megabytes to be moved. Does nothing
   * where the engine does that by itself, or cannot.
   *
   * @return whether calling again may give back more
   * @throws StorageException as {@link #write} does
   */
  default boolean shrink() {
    return false;
  }

  /** Bytes the database occupies in its engine; an estimate where the engine only has one. */
  long sizeBytes();

  /**
   * An estimate of the bytes within a range's bounds: exact up to {@link
   * ReadTransaction#SCAN_BYTES_MAX}, beyond that anything from there to {@link #sizeBytes()}.
   */
  long estimatedBytes(Range range);
}

package io.divan.storage;

import java.util.Optional;
import java.util.function.Function;

/**
 * One database: ordered tables, and transactions over them. A handle belongs to one incarnation of
 * the database: once that is deleted, every read or write throws {@link
 * StorageException.DatabaseNotFound}, even if a database of the same name has been created since.
 * Two handles are equal exactly when they belong to the same incarnation. Safe for use by many
 * threads.
 */
public interface Store {

  /** The database's name. */
  String name();

  /**
   * Runs {@code work} on one consistent snapshot and returns its result. The snapshot contains
   * every transaction that was committed before this call.
   *
   * <p>The work may run more than once, does no I/O outside its transaction and keeps no reference
   * to it. An exception from the work ends the transaction and is rethrown.
   *
   * @throws StorageException if the engine fails
   */
  <T> T read(Function<ReadTransaction, T> work);

  /**
   * Runs {@code work} in a serializable transaction, and commits it. If it wrote something, its
   * writes and every earlier commit are durable when this method returns. The rules for the work
   * are those of {@link #read}; an exception from the work rolls back everything it wrote.
   *
   * @throws StorageException if the engine fails. Nothing was written, with one exception: after
   *     {@link StorageException.StoreUnavailable} the transaction may have been committed
   */
  <T> Written<T> write(Function<WriteTransaction, T> work);

  /** The bytes that the database occupies; an estimate where the engine has nothing better. */
  long sizeBytes();

  /**
   * Returns the capability of this type, or empty if the store lacks it. A decorator returns
   * those of the store below with its own rules applied.
   */
  default <C extends Capability> Optional<C> capability(Class<C> type) {
    return type.isInstance(this) ? Optional.of(type.cast(this)) : Optional.empty();
  }

  /**
   * Scans in batches, each in a transaction of its own; see {@link BatchScan}. Nothing stays open
   * between batches, so there is nothing to close.
   *
   * @param batchRows the most rows of one batch, at least 1: as many as the reader expects to
   *     take, or {@link Range#NO_LIMIT} when it reads nothing more than the rows
   */
  default <T> BatchScan<T> scan(Range range, int batchRows, BatchScan.Reader<T> reader) {
    return new BatchScan<>(this, range, batchRows, reader);
  }
}

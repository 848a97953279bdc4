package io.divan.storage.leveldb;

import io.divan.storage.WriteTransaction;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The rows of a database in one write transaction of its store. */
final class StoreWrites extends StoreReads implements LevelDbTransaction {
  private final WriteTransaction transaction;
  private final StoreDb.Bounds bounds;

  StoreWrites(WriteTransaction transaction, Format format, long now, StoreDb.Bounds bounds) {
    super(transaction, format, now, OptionalLong.empty());
    this.transaction = transaction;
    this.bounds = bounds;
  }

  @Override
  public void put(byte[] key, byte[] value) {
    format.checkSizes(key.length, value.length, bounds);
    keep(List.of(key));
    transaction.put(Rows.ROWS, key, format.encode(value, 0));
  }

  @Override
  public void put(byte[] key, byte[] value, Duration timeToLive) {
    if (!format.expiring()) {
      throw new IllegalStateException("Values of this database do not expire");
    }
    if (timeToLive.isNegative() || timeToLive.isZero()) {
      throw new IllegalArgumentException("The time to live must be positive");
    }
    format.checkSizes(key.length, value.length, bounds);
    keep(List.of(key));
    long deadline = Math.addExact(now, Math.max(1, timeToLive.toMillis()));
    transaction.put(Rows.ROWS, key, format.encode(value, deadline));
    transaction.put(Rows.DEADLINES, Rows.numbered(deadline, key), new byte[0]);
  }

  @Override
  public void delete(byte[] key) {
    format.checkSizes(key.length, 0, bounds);
    keep(List.of(key));
    transaction.delete(Rows.ROWS, key);
  }

  /** Applies all operations of a batch. */
  void apply(List<Batch.Operation> operations) {
    keep(operations.stream().map(Batch.Operation::key).toList());
    for (Batch.Operation operation : operations) {
      Optional<byte[]> value = operation.value();
      if (value.isPresent()) {
        transaction.put(Rows.ROWS, operation.key(), format.encode(value.get(), 0));
      } else {
        transaction.delete(Rows.ROWS, operation.key());
      }
    }
  }

  private void keep(List<byte[]> keys) {
    if (format.keeping()) {
      SnapshotRows.beforeWrite(transaction, keys, now);
    }
  }
}

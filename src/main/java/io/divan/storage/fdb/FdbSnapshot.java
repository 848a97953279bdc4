package io.divan.storage.fdb;

import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.Transaction;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** A transaction that is read from until it is closed, or FoundationDB's five seconds are over. */
final class FdbSnapshot implements Snapshot {
  private final Transaction transaction;
  private final Transactions transactions;
  private final FdbReads.Shared shared;
  private final FdbReads reads;
  private final long readVersion;
  private final Runnable whenClosed;
  private boolean closed;

  private FdbSnapshot(
      Transaction transaction,
      Transactions transactions,
      FdbReads reads,
      long readVersion,
      Runnable whenClosed) {
    this.transaction = transaction;
    this.transactions = transactions;
    this.shared = reads.shared;
    this.reads = reads;
    this.readVersion = readVersion;
    this.whenClosed = whenClosed;
  }

  /**
   * Takes a snapshot of now.
   *
   * @param verify checks that the database is there, and tells its configuration's version
   */
  static FdbSnapshot open(
      Transaction transaction,
      Transactions transactions,
      FdbReads.Shared shared,
      Function<Attempt, Versionstamp> verify,
      Runnable whenClosed) {
    return run(
        transactions,
        () -> {
          Attempt attempt = attempt(transaction, transactions);
          attempt.begin();
          Versionstamp version = verify.apply(attempt);
          long readVersion = attempt.await(transaction.getReadVersion());
          FdbReads reads = new FdbReads(attempt, transaction.snapshot(), shared, version);
          return new FdbSnapshot(transaction, transactions, reads, readVersion, whenClosed);
        });
  }

  private static Attempt attempt(Transaction transaction, Transactions transactions) {
    return new Attempt(transaction, System.nanoTime() + transactions.timeout().toNanos());
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return run(transactions, () -> reads.get(table, key));
  }

  @Override
  public List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
    return run(transactions, () -> reads.getAll(table, keys));
  }

  @Override
  public Page scan(Range range) {
    return run(transactions, () -> reads.scan(range));
  }

  @Override
  public List<Page> scanAll(List<Range> ranges) {
    return run(transactions, () -> reads.scanAll(ranges));
  }

  /** Armed in a transaction of its own with the same read version: this one is not over. */
  @Override
  public Watch watch(Table table, byte[] key) {
    return run(
        transactions,
        () -> {
          Transaction arming = transactions.open();
          try {
            arming.setReadVersion(readVersion);
            Attempt attempt = attempt(arming, transactions);
            byte[] fullKey = shared.space().key(table, key);
            FdbWatch watch = shared.watches().watch(attempt, shared.space(), fullKey);
            try {
              attempt.await(arming.commit());
            } catch (RuntimeException e) {
              shared.watches().failed(List.of(watch));
              throw e;
            }
            return watch;
          } finally {
            transactions.release(arming);
          }
        });
  }

  @Override
  public Versionstamp configVersion() {
    transactions.requireOpen();
    return reads.configVersion();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      transactions.release(transaction);
      whenClosed.run();
    }
  }

  private static <T> T run(Transactions transactions, Supplier<T> operation) {
    transactions.requireOpen();
    try {
      return operation.get();
    } catch (FdbFailure e) {
      transactions.requireOpen();
      FDBException reason = e.reason();
      throw reason.getCode() == FdbErrors.TRANSACTION_TOO_OLD
          ? new StorageException.SnapshotTooOld(
              "FoundationDB keeps a snapshot for five seconds", reason)
          : FdbErrors.of(reason, 1, 0, false);
    }
  }
}

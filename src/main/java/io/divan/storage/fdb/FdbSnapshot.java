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
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Reads at one version, until it is closed, FoundationDB's five seconds are over, or the time limit
 * of a transaction is reached: after that the client no longer returns results. Reads that fail
 * with a temporary error are retried at the same version.
 */
final class FdbSnapshot implements Snapshot {

  /**
   * The point in time that a snapshot reads at.
   *
   * @param readVersion the read version
   * @param configVersion the version of the database's configuration at that time
   */
  record Moment(long readVersion, Versionstamp configVersion) {}

  private final Moment moment;
  private final Transactions transactions;
  private final FdbReads.Shared shared;
  private final Runnable whenClosed;
  private final long deadlineNanos;
  private Transaction transaction;
  private FdbReads reads;
  private boolean closed;

  /** Takes over the transaction of an attempt, and reads at the attempt's read version. */
  FdbSnapshot(
      Moment moment,
      Attempt attempt,
      Transactions transactions,
      FdbReads.Shared shared,
      Runnable whenClosed) {
    this.moment = moment;
    this.transactions = transactions;
    this.shared = shared;
    this.whenClosed = whenClosed;
    this.deadlineNanos = attempt.deadlineNanos();
    this.transaction = attempt.transaction();
    this.reads = reads(attempt);
  }

  private FdbReads reads(Attempt attempt) {
    return new FdbReads(attempt, transaction.snapshot(), shared, moment.configVersion());
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return run(() -> reads.get(table, key));
  }

  @Override
  public List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
    return run(() -> reads.getAll(table, keys));
  }

  @Override
  public Page scan(Range range) {
    return run(() -> reads.scan(range));
  }

  @Override
  public List<Page> scanAll(List<Range> ranges) {
    return run(() -> reads.scanAll(ranges));
  }

  /**
   * Arms the watch in a transaction of its own with the same read version. The snapshot's
   * transaction cannot do so, because a watch takes effect only when its transaction commits.
   */
  @Override
  public Watch watch(Table table, byte[] key) {
    return run(
        () -> {
          Transaction arming = transactions.open();
          try {
            arming.setReadVersion(moment.readVersion());
            Attempt attempt = new Attempt(arming, deadlineNanos);
            byte[] fullKey = shared.space().key(table, key);
            FdbWatch watch =
                shared.watches().watch(attempt, shared.name(), shared.space(), fullKey);
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
    return moment.configVersion();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      transactions.release(transaction);
      whenClosed.run();
    }
  }

  private <T> T run(Supplier<T> operation) {
    transactions.requireOpen();
    if (System.nanoTime() - deadlineNanos >= 0) {
      throw tooOld(new TimeoutException(transactions.timeout() + " are over"));
    }
    for (int attempts = 1; true; attempts++) {
      try {
        return operation.get();
      } catch (FdbFailure e) {
        retry(e.reason(), attempts);
      }
    }
  }

  private static StorageException tooOld(Exception reason) {
    return new StorageException.SnapshotTooOld(
        "The snapshot is too old: FoundationDB keeps snapshots for five seconds", reason);
  }

  private void retry(FDBException reason, int attempts) {
    transactions.requireOpen();
    if (reason.getCode() == FdbErrors.TRANSACTION_TOO_OLD) {
      throw tooOld(reason);
    }
    if (attempts > transactions.retriesMax()) {
      throw FdbErrors.of(reason, attempts, 0, false);
    }
    try {
      transaction = transactions.restart(transaction, reason, deadlineNanos);
    } catch (FdbFailure e) {
      throw FdbErrors.of(e.reason(), attempts, 0, false);
    }
    transaction.setReadVersion(moment.readVersion());
    reads = reads(new Attempt(transaction, deadlineNanos));
  }
}

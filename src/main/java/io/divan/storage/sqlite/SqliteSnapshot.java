package io.divan.storage.sqlite;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import io.divan.storage.WatchRegistry;
import io.divan.storage.WorkerThreads;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A transaction on a connection of its own that lasts until it is closed. What virtual threads ask
 * is done on a thread of the pool; a platform thread does it itself. The lock is for a store that
 * is closed or deleted while its snapshots are in use.
 */
final class SqliteSnapshot implements Snapshot {
  private final ReentrantLock lock = new ReentrantLock();
  private final Connections connections;
  private final WorkerThreads threads;
  private final Consumer<SqliteSnapshot> whenClosed;
  private final SqliteConnection connection;
  private final SqliteReadTransaction transaction;
  private @Nullable Supplier<? extends RuntimeException> closed;

  /** Opens a snapshot of now; called on a platform thread. */
  SqliteSnapshot(
      Connections connections,
      WatchRegistry registry,
      WorkerThreads threads,
      Consumer<SqliteSnapshot> whenClosed) {
    this.connections = connections;
    this.threads = threads;
    this.whenClosed = whenClosed;
    connection = connections.borrowReader();
    try {
      transaction = new SqliteReadTransaction(connection, registry, registry.mark());
      connection.execute("BEGIN");
      // SQLite takes the snapshot with the first read.
      transaction.configVersion();
    } catch (RuntimeException | Error e) {
      connections.returnReader(connection, false);
      throw e;
    }
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return run(() -> transaction.get(table, key));
  }

  @Override
  public List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
    return run(() -> transaction.getAll(table, keys));
  }

  @Override
  public Page scan(Range range) {
    return run(() -> transaction.scan(range));
  }

  @Override
  public List<Page> scanAll(List<Range> ranges) {
    return run(() -> transaction.scanAll(ranges));
  }

  @Override
  public Watch watch(Table table, byte[] key) {
    return run(() -> transaction.watch(table, key));
  }

  @Override
  public Versionstamp configVersion() {
    return run(transaction::configVersion);
  }

  @Override
  public void close() {
    close(() -> new IllegalStateException("The snapshot is closed"));
  }

  /** Ends the snapshot for its store's sake. */
  void close(Supplier<? extends RuntimeException> why) {
    lock.lock();
    try {
      if (closed != null) {
        return;
      }
      closed = why;
    } finally {
      lock.unlock();
    }
    whenClosed.accept(this);
    onPlatformThread(
        () -> {
          connections.returnReader(connection, false);
          return true;
        });
  }

  private <T> T run(Supplier<T> operation) {
    return onPlatformThread(
        () -> {
          lock.lock();
          try {
            if (closed != null) {
              throw closed.get();
            }
            return operation.get();
          } finally {
            lock.unlock();
          }
        });
  }

  private <T> T onPlatformThread(Supplier<T> operation) {
    return Thread.currentThread().isVirtual() ? threads.call(operation) : operation.get();
  }

  /** What is thrown where a store has as many snapshots as it may have. */
  static StorageException tooMany(int max) {
    return new StorageException.StoreUnavailable(
        "The store has " + max + " snapshots, which is the limit");
  }
}

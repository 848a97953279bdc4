package io.divan.storage.sqlite;

import io.divan.storage.ReadTransaction;
import io.divan.storage.embedded.OpenSnapshots;
import io.divan.storage.embedded.StoreSnapshot;
import io.divan.storage.embedded.WatchRegistry;
import io.divan.storage.embedded.WorkerThreads;
import java.util.function.Supplier;

/**
 * A read transaction on its own connection that lasts until it is closed. Reads by virtual threads
 * run on a thread of the pool, reads by platform threads on the calling thread.
 */
final class SqliteSnapshot extends StoreSnapshot {
  private final Connections connections;
  private final WorkerThreads threads;
  private final SqliteConnection connection;
  private final SqliteReadTransaction transaction;

  /** Opens a snapshot of the current state; called on a platform thread. */
  SqliteSnapshot(
      OpenSnapshots all,
      Connections connections,
      WatchRegistry registry,
      WorkerThreads threads) {
    super(all);
    this.connections = connections;
    this.threads = threads;
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
  protected ReadTransaction transaction() {
    return transaction;
  }

  /** Does nothing: returning the connection ends its transaction. */
  @Override
  protected void end() {}

  @Override
  protected void giveBack() {
    call(
        () -> {
          connections.returnReader(connection, false);
          return true;
        });
  }

  @Override
  protected <T> T call(Supplier<T> read) {
    return Thread.currentThread().isVirtual() ? threads.call(read) : read.get();
  }
}

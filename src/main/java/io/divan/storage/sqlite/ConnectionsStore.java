package io.divan.storage.sqlite;

import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.TransactionListener;
import io.divan.storage.embedded.SingleWriter;
import io.divan.storage.embedded.SingleWriterStore;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.StoreSnapshot;
import io.divan.storage.embedded.WorkerThreads;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;

/** A database used through connections to SQLite, in a file or on pages of a base store. */
abstract class ConnectionsStore extends SingleWriterStore implements SqliteEngine.Hooks {

  /**
   * The threads shared by the stores of an adapter.
   *
   * @param listener receives a report of each transaction
   * @param writers threads that write, open and close
   * @param readers threads that read
   */
  record Threads(TransactionListener listener, WorkerThreads writers, WorkerThreads readers) {
    private static final int WAITING_MAX = 10_000;

    /**
     * Creates the threads.
     *
     * @param level the level of the threads; 0 if the stores use no other store
     * @param waitMax how long a caller waits for a thread, and how long closing waits for work
     */
    static Threads of(
        TransactionListener listener, int writers, int readers, Duration waitMax, int level) {
      return new Threads(
          listener,
          new WorkerThreads("sqlite-writer", writers, WAITING_MAX, waitMax, level),
          new WorkerThreads("sqlite-reader", readers, WAITING_MAX, waitMax, level));
    }

    void close() {
      readers.close();
      writers.close();
    }
  }

  final Connections connections;
  final SingleWriter writer;
  private final Threads threads;

  /** Makes a handle of a database that is not opened yet. */
  ConnectionsStore(String name, Connections connections, Threads threads, StampClock stamps) {
    super(name, connections.files(), stamps, threads.listener());
    this.connections = connections;
    this.threads = threads;
    this.writer =
        new SingleWriter(
            new SqliteEngine(connections, stamps, this),
            threads.writers(),
            threads.listener());
  }

  @Override
  protected final SingleWriter writer() {
    return writer;
  }

  @Override
  protected final <T> T readHere(Function<ReadTransaction, T> work) {
    return connections.read(watches, work);
  }

  @Override
  protected final StoreSnapshot snapshotHere() {
    return new SqliteSnapshot(snapshots, connections, watches, threads.readers());
  }

  @Override
  protected final <T> T onReader(Supplier<T> read) {
    return threads.readers().call(read);
  }

  @Override
  protected final <T> T onWriter(Supplier<T> work) {
    return threads.writers().call(work);
  }

  @Override
  protected final long bytes(ReadTransaction transaction, Range range, long max) {
    return ((SqliteReadTransaction) transaction).connection.bytes(range, max);
  }
}

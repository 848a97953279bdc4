package io.divan.storage.sqlite;

import io.divan.storage.FileStore;
import io.divan.storage.Keeper;
import io.divan.storage.OpenStores;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.SingleWriter;
import io.divan.storage.Snapshot;
import io.divan.storage.StampClock;
import io.divan.storage.StorageException;
import io.divan.storage.StoreSnapshot;
import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import io.divan.storage.WatchRegistry;
import io.divan.storage.WorkerThreads;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/** One database file: the handle of one incarnation of a database. */
final class SqliteStore implements FileStore {

  /** What the stores of an adapter share. */
  record Shared(
      SqliteFileAdapter.Options options,
      TransactionListener listener,
      WorkerThreads writers,
      WorkerThreads readers,
      OpenStores openStores,
      Keeper keeper) {}

  static final int SNAPSHOTS_MAX = 64;

  private final String name;
  private final Path file;
  private final Shared shared;
  private final StampClock stamps;
  private final Connections connections;
  private final WatchRegistry watches = new WatchRegistry(WatchRegistry.WATCHES_MAX);
  private final SingleWriter writer;
  private final Set<SqliteSnapshot> snapshots = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean checkpointRequested = new AtomicBoolean();
  private volatile long truncateAboveBytes;

  SqliteStore(String name, Path file, Shared shared, StampClock stamps) {
    this.name = name;
    this.file = file;
    this.shared = shared;
    this.stamps = stamps;
    this.truncateAboveBytes = shared.options().logBytesMax();
    this.connections = new Connections(file, stamps, shared.openStores());
    this.writer =
        new SingleWriter(
            new SqliteEngine(connections, watches, stamps, this::logGrew),
            shared.writers(),
            shared.listener());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Path file() {
    return file;
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> work) {
    Reading<T> reading = new Reading<>(work);
    try {
      return shared.readers().call(reading);
    } finally {
      shared.listener().finished(reading.report());
    }
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    return writer.write(work);
  }

  @Override
  public Snapshot openSnapshot() {
    return shared
        .readers()
        .call(
            () -> {
              if (snapshots.size() >= SNAPSHOTS_MAX) {
                throw StoreSnapshot.tooMany(SNAPSHOTS_MAX);
              }
              SqliteSnapshot snapshot =
                  new SqliteSnapshot(connections, watches, shared.readers(), snapshots::remove);
              snapshots.add(snapshot);
              return snapshot;
            });
  }

  @Override
  public long sizeBytes() {
    connections.checkLent();
    return sizeOf(file) + sizeOf(Path.of(file + "-wal"));
  }

  @Override
  public long estimatedBytes(Range range) {
    long counted =
        read(
            transaction ->
                ((SqliteReadTransaction) transaction)
                    .connection.bytes(range, ReadTransaction.SCAN_BYTES_MAX));
    return counted <= ReadTransaction.SCAN_BYTES_MAX ? counted : Math.max(counted, sizeBytes());
  }

  @Override
  public void learnLastStamp() {
    try {
      shared
          .writers()
          .call(
              () -> {
                connections.borrowWriter();
                connections.returnWriter();
                return name;
              });
    } catch (StorageException.StoreCorrupt e) {
      stamps.next();
    }
  }

  @Override
  public long lastStamp() {
    return stamps.last();
  }

  @Override
  public void retire(Supplier<? extends StorageException> why, Duration waitMax) {
    for (SqliteSnapshot snapshot : snapshots) {
      snapshot.close(why);
    }
    connections.retire(why, waitMax);
  }

  @Override
  public void closeFiles() {
    watches.close();
    shared.writers().call(connections::closeIfUnused);
  }

  @Override
  public void closeWriter() {
    writer.close();
  }

  /** How many writes wait to begin. */
  int waiting() {
    return writer.waiting();
  }

  /** Copies the log into the file; called by the keeper. */
  void checkpoint() {
    try {
      SqliteConnection checkpointer = connections.borrowCheckpointer();
      try {
        checkpoint(checkpointer);
      } finally {
        connections.returnCheckpointer(checkpointer);
      }
    } finally {
      checkpointRequested.set(false);
    }
  }

  private void checkpoint(SqliteConnection checkpointer) {
    SqliteConnection.Checkpoint done = checkpointer.checkpoint("PASSIVE");
    if (done.logBytes() > truncateAboveBytes) {
      // Readers that do not end keep the log; ask again only when it has grown much more.
      SqliteConnection.Checkpoint cut =
          writer.runBetween(() -> checkpointer.checkpoint("TRUNCATE"));
      long max = shared.options().logBytesMax();
      truncateAboveBytes = cut.busy() ? cut.logBytes() + max / 4 : max;
      if (cut.busy() && cut.logBytes() > 2 * max) {
        endSnapshots(cut.logBytes());
      }
    }
  }

  /** Whoever keeps a snapshot while so much is written must not fill the disk. */
  private void endSnapshots(long logBytes) {
    String why = name + " has written " + logBytes + " bytes that open snapshots kept in its log";
    for (SqliteSnapshot snapshot : snapshots) {
      snapshot.close(
          () -> new StorageException.SnapshotTooOld(why, new IllegalStateException(why)));
    }
  }

  private void logGrew(SqliteConnection.Checkpoint log) {
    boolean wanted =
        log.logBytes() - log.copiedBytes() > shared.options().checkpointBytes()
            || log.logBytes() > truncateAboveBytes;
    if (wanted && checkpointRequested.compareAndSet(false, true)) {
      shared.keeper().soon(this::checkpoint);
    }
  }

  private static long sizeOf(Path path) {
    try {
      return Files.size(path);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new StorageException.StoreUnavailable(
          path + " cannot be read", new UncheckedIOException(e));
    }
  }

  /** One read transaction: what it does on the pool's thread, and what is told of it. */
  private final class Reading<T> implements Supplier<T> {
    private final Function<ReadTransaction, T> work;
    private final Optional<String> trace = Trace.nextTransaction();
    private final long queuedNanos = System.nanoTime();
    private TransactionListener.Outcome outcome = TransactionListener.Outcome.FAILED;
    private int attempts;
    private long begunNanos;
    private long endedNanos;

    Reading(Function<ReadTransaction, T> work) {
      this.work = work;
    }

    @Override
    public T get() {
      attempts = 1;
      begunNanos = System.nanoTime();
      endedNanos = begunNanos;
      SqliteConnection connection = connections.borrowReader();
      boolean ended = false;
      try {
        long mark = watches.mark();
        connection.execute("BEGIN");
        T result = run(new SqliteReadTransaction(connection, watches, mark));
        connection.execute("COMMIT");
        ended = true;
        outcome = TransactionListener.Outcome.DONE;
        return result;
      } finally {
        connections.returnReader(connection, ended);
        endedNanos = System.nanoTime();
      }
    }

    private T run(SqliteReadTransaction transaction) {
      try {
        return work.apply(transaction);
      } catch (RuntimeException | Error e) {
        transaction.closeWatches();
        if (!(e instanceof StorageException)) {
          outcome = TransactionListener.Outcome.ROLLED_BACK;
        }
        throw e;
      }
    }

    TransactionListener.Report report() {
      long begun = attempts == 0 ? System.nanoTime() : begunNanos;
      return new TransactionListener.Report(
          trace,
          TransactionListener.Kind.READ,
          outcome,
          attempts,
          0,
          0,
          1,
          Duration.ofNanos(begun - queuedNanos),
          Duration.ofNanos(attempts == 0 ? 0 : endedNanos - begun),
          Duration.ZERO);
    }
  }
}

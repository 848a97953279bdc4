package io.divan.storage.redb;

import io.divan.storage.FileStore;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;

/** One database file: the handle of one incarnation of a database. */
final class RedbStore implements FileStore {

  /** What the stores of an adapter share. */
  record Shared(
      RedbFile.Opener opener,
      TransactionListener listener,
      WorkerThreads writers,
      OpenStores openStores,
      CacheBudget cache) {}

  static final int SNAPSHOTS_MAX = 64;

  private final String name;
  private final RedbFile file;
  private final Shared shared;
  private final StampClock stamps;
  private final WatchRegistry watches = new WatchRegistry(WatchRegistry.WATCHES_MAX);
  private final SingleWriter writer;
  private final Set<RedbSnapshot> snapshots = ConcurrentHashMap.newKeySet();
  private final Semaphore snapshotsLeft = new Semaphore(SNAPSHOTS_MAX);

  RedbStore(String name, Path path, Shared shared, StampClock stamps) {
    this.name = name;
    this.shared = shared;
    this.stamps = stamps;
    this.file = new RedbFile(path, shared.opener(), stamps, shared.openStores(), shared.cache());
    this.writer =
        new SingleWriter(
            new RedbEngine(file, watches, stamps, this::engineFailed),
            shared.writers(),
            shared.listener());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Path file() {
    return file.path();
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> work) {
    WorkerThreads.requireOutside();
    Optional<String> trace = Trace.nextTransaction();
    long begun = System.nanoTime();
    TransactionListener.Outcome outcome = TransactionListener.Outcome.FAILED;
    try {
      T result = readBorrowed(work);
      outcome = TransactionListener.Outcome.DONE;
      return result;
    } catch (RuntimeException | Error e) {
      if (!(e instanceof StorageException)) {
        outcome = TransactionListener.Outcome.ROLLED_BACK;
      }
      throw e;
    } finally {
      shared
          .listener()
          .finished(
              new TransactionListener.Report(
                  trace,
                  TransactionListener.Kind.READ,
                  outcome,
                  1,
                  0,
                  0,
                  1,
                  Duration.ZERO,
                  Duration.ofNanos(System.nanoTime() - begun),
                  Duration.ZERO));
    }
  }

  private <T> T readBorrowed(Function<ReadTransaction, T> work) {
    OpenRedb open = file.borrow();
    try {
      long mark = watches.mark();
      try (EngineRead engine = new EngineRead(open)) {
        RedbReadTransaction transaction = new RedbReadTransaction(engine, watches, mark);
        try {
          return work.apply(transaction);
        } catch (RuntimeException | Error e) {
          transaction.closeWatches();
          throw e;
        }
      }
    } finally {
      file.giveBack(open);
    }
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    return writer.write(work);
  }

  @Override
  public Snapshot openSnapshot() {
    if (!snapshotsLeft.tryAcquire()) {
      file.checkLendable();
      throw StoreSnapshot.tooMany(SNAPSHOTS_MAX);
    }
    RedbSnapshot snapshot;
    try {
      snapshot = new RedbSnapshot(file, watches, this::closed);
    } catch (RuntimeException | Error e) {
      snapshotsLeft.release();
      throw e;
    }
    snapshots.add(snapshot);
    try {
      file.checkLendable();
    } catch (StorageException e) {
      snapshot.close(); // whoever ended the others did not see it
      throw e;
    }
    return snapshot;
  }

  private void closed(RedbSnapshot snapshot) {
    snapshots.remove(snapshot);
    snapshotsLeft.release();
  }

  @Override
  public long sizeBytes() {
    file.checkLendable();
    try {
      return Files.size(file.path());
    } catch (IOException e) {
      throw new StorageException.StoreUnavailable(
          file.path() + " cannot be read", new UncheckedIOException(e));
    }
  }

  @Override
  public long estimatedBytes(Range range) {
    long counted =
        read(
            transaction ->
                ((RedbReadTransaction) transaction)
                    .engine.bytes(range, ReadTransaction.SCAN_BYTES_MAX));
    return counted <= ReadTransaction.SCAN_BYTES_MAX ? counted : Math.max(counted, sizeBytes());
  }

  @Override
  public void learnLastStamp() {
    try {
      file.giveBack(file.borrow());
    } catch (StorageException.StoreCorrupt e) {
      stamps.next();
    }
  }

  @Override
  public long lastStamp() {
    return stamps.last();
  }

  @Override
  public void closeWriter() {
    writer.close();
  }

  @Override
  public void retire(Supplier<? extends StorageException> why, Duration waitMax) {
    endSnapshots(why);
    file.retire(why, waitMax);
    endSnapshots(why); // those that were opened meanwhile
  }

  private void endSnapshots(Supplier<? extends StorageException> why) {
    for (RedbSnapshot snapshot : snapshots) {
      snapshot.close(why);
    }
  }

  private void engineFailed() {
    endSnapshots(
        () -> new StorageException.StoreUnavailable(file.path() + " has failed; read again"));
  }

  @Override
  public void closeFiles() {
    watches.close();
    file.close();
  }

  /** How many writes wait to begin. */
  int waiting() {
    return writer.waiting();
  }
}

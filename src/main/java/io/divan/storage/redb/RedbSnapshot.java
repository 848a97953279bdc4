package io.divan.storage.redb;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import io.divan.storage.WatchRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A read transaction that lasts until it is closed. The lock is for a store that is closed or
 * deleted, or fails, while its snapshots are in use.
 */
final class RedbSnapshot implements Snapshot {
  private final ReentrantLock lock = new ReentrantLock();
  private final RedbFile file;
  private final Consumer<RedbSnapshot> whenClosed;
  private final OpenRedb open;
  private final RedbReadTransaction transaction;
  private @Nullable Supplier<? extends RuntimeException> closed;

  /** Opens a snapshot of now. */
  RedbSnapshot(RedbFile file, WatchRegistry registry, Consumer<RedbSnapshot> whenClosed) {
    this.file = file;
    this.whenClosed = whenClosed;
    open = file.borrow();
    try {
      long mark = registry.mark();
      transaction = new RedbReadTransaction(new EngineRead(open), registry, mark);
    } catch (RuntimeException | Error e) {
      file.giveBack(open);
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
      transaction.engine.close();
    } catch (StorageException e) {
      // There is nothing that it could still hold.
    } finally {
      lock.unlock();
    }
    whenClosed.accept(this);
    file.giveBack(open);
  }

  private <T> T run(Supplier<T> operation) {
    lock.lock();
    try {
      if (closed != null) {
        throw closed.get();
      }
      return operation.get();
    } finally {
      lock.unlock();
    }
  }

  /** What is thrown where a store has as many snapshots as it may have. */
  static StorageException tooMany(int max) {
    return new StorageException.StoreUnavailable(
        "The store has " + max + " snapshots, which is the limit");
  }
}

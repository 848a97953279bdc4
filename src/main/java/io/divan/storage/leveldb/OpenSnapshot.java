package io.divan.storage.leveldb;

import io.divan.storage.ReadTransaction;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.Snapshot;

/** An open snapshot. Thread-safe, as LevelDB's snapshots are. */
abstract sealed class OpenSnapshot implements Snapshot {
  private final StoreDb db;
  private final AtomicBoolean closed = new AtomicBoolean();

  private OpenSnapshot(StoreDb db) {
    this.db = db;
  }

  final StoreDb db() {
    return db;
  }

  /** Runs a function that reads the snapshot. */
  final <T> T read(Function<StoreReads, T> work) {
    if (closed.get()) {
      throw new DBException("The snapshot is closed");
    }
    return readOpen(work);
  }

  abstract <T> T readOpen(Function<StoreReads, T> work);

  abstract void end();

  @Override
  public final void close() {
    if (closed.compareAndSet(false, true)) {
      db.closed(this);
      end();
    }
  }

  /** A snapshot of the store, which only one thread may use at a time. */
  static final class Held extends OpenSnapshot {
    private final io.divan.storage.Snapshot snapshot;
    private final Function<ReadTransaction, StoreReads> reads;
    private final ReentrantLock lock = new ReentrantLock();

    Held(
        StoreDb db,
        io.divan.storage.Snapshot snapshot,
        Function<ReadTransaction, StoreReads> reads) {
      super(db);
      this.snapshot = snapshot;
      this.reads = reads;
    }

    @Override
    <T> T readOpen(Function<StoreReads, T> work) {
      lock.lock();
      try {
        return work.apply(reads.apply(snapshot));
      } finally {
        lock.unlock();
      }
    }

    @Override
    void end() {
      lock.lock();
      try {
        snapshot.close();
      } finally {
        lock.unlock();
      }
    }
  }

  /** A snapshot kept by the database. */
  static final class Kept extends OpenSnapshot {
    private final long number;

    Kept(StoreDb db, long number) {
      super(db);
      this.number = number;
    }

    @Override
    <T> T readOpen(Function<StoreReads, T> work) {
      return db().readKept(number, work);
    }

    @Override
    void end() {
      db().closeKept(number);
    }
  }
}

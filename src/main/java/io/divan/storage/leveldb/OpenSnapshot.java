package io.divan.storage.leveldb;

import io.divan.storage.ReadTransaction;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.Snapshot;

/** A snapshot that is open. Safe for use by many threads, as LevelDB's are. */
abstract sealed class OpenSnapshot implements Snapshot {
  private final StoreDb db;
  private final AtomicBoolean closed = new AtomicBoolean();

  private OpenSnapshot(StoreDb db) {
    this.db = db;
  }

  final StoreDb db() {
    return db;
  }

  /** Reads what it sees. */
  final <T> T read(Function<Reads, T> work) {
    if (closed.get()) {
      throw new DBException("The snapshot is closed");
    }
    return readOpen(work);
  }

  abstract <T> T readOpen(Function<Reads, T> work);

  abstract void end();

  @Override
  public final void close() {
    if (closed.compareAndSet(false, true)) {
      db.closed(this);
      end();
    }
  }

  /** One of the store's, which are for one thread at a time. */
  static final class Held extends OpenSnapshot {
    private final io.divan.storage.Snapshot snapshot;
    private final Function<ReadTransaction, Reads> reads;
    private final ReentrantLock lock = new ReentrantLock();

    Held(
        StoreDb db,
        io.divan.storage.Snapshot snapshot,
        Function<ReadTransaction, Reads> reads) {
      super(db);
      this.snapshot = snapshot;
      this.reads = reads;
    }

    @Override
    <T> T readOpen(Function<Reads, T> work) {
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

  /** One that the database keeps. */
  static final class Kept extends OpenSnapshot {
    private final long number;

    Kept(StoreDb db, long number) {
      super(db);
      this.number = number;
    }

    @Override
    <T> T readOpen(Function<Reads, T> work) {
      return db().readKept(number, work);
    }

    @Override
    void end() {
      db().closeKept(number);
    }
  }
}

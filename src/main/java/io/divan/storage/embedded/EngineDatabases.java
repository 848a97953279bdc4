package io.divan.storage.embedded;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Databases that a {@link SingleWriter} each writes, wherever they lie: one change at a time of
 * which there are, and how all of them are closed. Safe for use by many threads.
 */
public abstract class EngineDatabases implements StorageAdapter {

  /** How long closing waits for work under way. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(30);

  /** How long a deletion waits for reads under way, which may then go on to their end. */
  protected static final Duration DELETE_WAIT_MAX = Duration.ofMillis(200);

  private static final int STRIPES = 64;

  /** No versionstamp of a database that was deleted here exceeds its last value. */
  protected final StampClock floor;

  private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];
  private volatile boolean closed;

  /**
   * Begins with no database.
   *
   * @param clock what versionstamps are made of
   */
  public EngineDatabases(InstantSource clock) {
    floor = new StampClock(clock);
    Arrays.setAll(stripes, i -> new ReentrantLock());
  }

  /** The stores that have handles. Called once nobody gets new ones. */
  protected abstract List<SingleWriterStore> handles();

  /** Closes what the stores share, after them. */
  protected abstract void closeShared();

  /** Does what no other thread may do meanwhile to the database of this name. */
  protected final <T> T locked(String name, Supplier<T> work) {
    ReentrantLock stripe = stripes[Math.floorMod(name.hashCode(), STRIPES)];
    stripe.lock();
    try {
      return work.get();
    } finally {
      stripe.unlock();
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    List<SingleWriterStore> all = handles();
    all.forEach(SingleWriterStore::closeWriter);
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    for (SingleWriterStore store : all) {
      long left = Math.max(0, deadline - System.nanoTime());
      store.retire(EngineDatabases::closedException, Duration.ofNanos(left));
      store.closeFiles();
    }
    closeShared();
  }

  /** Throws once this is closed. */
  protected final void checkOpen() {
    if (closed) {
      throw closedException();
    }
  }

  private static StorageException closedException() {
    return new StorageException.StoreUnavailable("The storage is closed");
  }
}

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
 * An adapter whose databases each have a {@link SingleWriter}. Serialises the creation, opening and
 * deletion of databases of one name, and closes all of them. Safe for use by many threads.
 */
public abstract class EmbeddedDatabases implements StorageAdapter {

  /** How long closing waits for running transactions. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(30);

  /** How long a deletion waits for running reads, which may continue after it. */
  protected static final Duration DELETE_WAIT_MAX = Duration.ofMillis(200);

  private static final int STRIPES = 64;

  /**
   * The floor: no versionstamp of a deleted database exceeds its last value. New ones start above.
   */
  protected final StampClock floor;

  private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];
  private volatile boolean closed;

  /**
   * Creates an adapter without databases.
   *
   * @param clock the clock of versionstamps
   */
  public EmbeddedDatabases(InstantSource clock) {
    floor = new StampClock(clock);
    Arrays.setAll(stripes, i -> new ReentrantLock());
  }

  /** Returns the stores that have handles. Called once no new handle is given out. */
  protected abstract List<SingleWriterStore> handles();

  /** Closes what the stores share. Called after the stores are closed. */
  protected abstract void closeShared();

  /** Runs work that excludes other such work on a database of this name. */
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
      store.retire(EmbeddedDatabases::closedException, Duration.ofNanos(left));
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

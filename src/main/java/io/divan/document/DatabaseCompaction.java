package io.divan.document;

import io.divan.storage.Store;
import java.util.concurrent.atomic.AtomicLong;

/** A database's share in the {@link Compactions} of the process. Safe for use by many threads. */
final class DatabaseCompaction {

  /** After so many bytes of bodies that are no longer leaves' it is looked at the counters. */
  private static final long LOOK_BYTES = 16_000_000;

  private final Store store;
  private final Compactions compactions;
  private final AtomicLong grown = new AtomicLong();

  DatabaseCompaction(Store store, Compactions compactions) {
    this.store = store;
    this.compactions = compactions;
  }

  /** Compacts the database, because somebody asks for it. */
  void start() {
    compactions.start(store);
  }

  /** Edits have left so many bytes more to be compacted. */
  void grew(long bytes) {
    if (bytes > 0 && grown.addAndGet(bytes) >= LOOK_BYTES) {
      grown.set(0);
      compactions.consider(store);
    }
  }

  boolean isRunning() {
    return compactions.isRunning(store);
  }
}

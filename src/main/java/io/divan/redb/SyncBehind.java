package io.divan.redb;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Syncs a file concurrently while a large commit is written, so that the disk does not start with
 * all of it at the end. Used by the file's writer only.
 *
 * <ol>
 *   <li>One sync runs at a time, and only after {@link #BYTES} were written since the last one: a
 *       typical commit has a single sync, its own. {@link #start(long)} starts one earlier: for
 *       commits that need no sync, whose bytes the next sync would otherwise write all at once.
 *   <li>The operating system reports a failure once and not again to a later sync. The failure is
 *       therefore kept, and every later call fails.
 * </ol>
 */
final class SyncBehind {
  static final long BYTES = 64 << 20;

  /** Makes all earlier writes durable. */
  @FunctionalInterface
  interface Sync {
    void run() throws IOException;
  }

  private final ExecutorService threads;
  private final Sync sync;
  private long unsynced;
  private @Nullable Future<?> running;

  SyncBehind(ExecutorService threads, Sync sync) {
    this.threads = threads;
    this.sync = sync;
  }

  /**
   * Records that bytes were written.
   *
   * @throws IOException if a sync has failed
   */
  void written(int count) throws IOException {
    unsynced += count;
    start(BYTES);
  }

  /**
   * Starts a sync if none is running and enough was written since the last one.
   *
   * @param bytes how much is enough
   * @throws IOException if a sync has failed
   */
  void start(long bytes) throws IOException {
    if (unsynced >= bytes && (running == null || running.isDone())) {
      finish();
      running = start();
      unsynced = 0;
    }
  }

  private Future<?> start() {
    return threads.submit(
        () -> {
          sync.run();
          return null;
        });
  }

  /**
   * Makes all earlier writes durable. Runs on the caller's thread if that is a platform thread; a
   * virtual thread would block its carrier during the sync.
   *
   * @throws IOException if this sync or an earlier one fails
   */
  void sync() throws IOException {
    finish();
    if (Thread.currentThread().isVirtual()) {
      running = start();
      finish();
    } else {
      sync.run();
    }
    unsynced = 0;
  }

  /**
   * Waits for the running sync, if there is one.
   *
   * @throws IOException if it has failed
   */
  void finish() throws IOException {
    if (running != null) {
      await(running);
      running = null;
    }
  }

  /** Waits without a time limit and defers interrupts. */
  static <T> T await(Future<T> future) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw e.getCause() instanceof IOException cause ? cause : new IOException(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

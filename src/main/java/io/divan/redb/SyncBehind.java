package io.divan.redb;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Syncs a file beside the writing of a large commit, so that the disk does not begin with all of it
 * only at the end. For the file's writer.
 *
 * <ol>
 *   <li>One sync at a time, and none before {@link #BYTES} were written since the last one: a
 *       usual commit has one sync, its own.
 *   <li>The system tells of a failure once, and says nothing of it to a later sync. So it is kept,
 *       and everything fails from then on.
 * </ol>
 */
final class SyncBehind {
  static final long BYTES = 64 << 20;

  /** What makes durable all that was written. */
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
   * So many bytes were written.
   *
   * @throws IOException when a sync has failed
   */
  void written(int count) throws IOException {
    unsynced += count;
    if (unsynced >= BYTES && (running == null || running.isDone())) {
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
   * Makes durable all that was written, on the caller's thread where that one is the system's: a
   * virtual thread would hold its carrier for as long as it takes.
   *
   * @throws IOException when it fails, or one before it has failed
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
   * Waits for a sync that is going on.
   *
   * @throws IOException when it has failed
   */
  void finish() throws IOException {
    if (running != null) {
      await(running);
      running = null;
    }
  }

  /** Waits for as long as it takes; an interrupt is kept for later. */
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

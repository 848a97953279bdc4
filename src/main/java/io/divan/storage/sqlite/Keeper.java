package io.divan.storage.sqlite;

import io.divan.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The thread that copies logs into their files and closes what is idle. A store is queued once at
 * most, so the queue is bounded by their number.
 */
final class Keeper implements AutoCloseable {

  private static final long PERIOD_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);
  private static final long CLOSE_MILLIS_MAX = 30_000;

  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final OpenStores openStores;
  private final long periodNanos;
  private final Thread thread = new Thread(this::run, "sqlite-keeper");
  private volatile boolean closed;

  Keeper(OpenStores openStores, Duration idleMax) {
    this.openStores = openStores;
    this.periodNanos = Math.clamp(idleMax.toNanos() / 4, 1_000_000, PERIOD_NANOS_MAX);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void checkpoint(SqliteStore store) {
    tasks.add(store::checkpoint);
  }

  /** Ends the thread once the task at hand is done. */
  @Override
  public void close() {
    closed = true;
    tasks.add(() -> {});
    try {
      thread.join(CLOSE_MILLIS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long sweptNanos = System.nanoTime();
    while (!closed) {
      try {
        Runnable task = tasks.poll(periodNanos, TimeUnit.NANOSECONDS);
        if (task != null && !closed) {
          task.run();
        }
        if (System.nanoTime() - sweptNanos >= periodNanos) {
          openStores.closeIdle();
          sweptNanos = System.nanoTime();
        }
      } catch (InterruptedException e) {
        return;
      } catch (StorageException.DatabaseNotFound e) {
        // Deleted in the meantime: there is nothing to copy any more.
      } catch (RuntimeException e) {
        // Nothing is lost with a checkpoint that fails: the next commit asks for another one.
        System.getLogger(Keeper.class.getName())
            .log(System.Logger.Level.WARNING, "A checkpoint failed", e);
      }
    }
  }
}

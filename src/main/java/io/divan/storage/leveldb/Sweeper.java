package io.divan.storage.leveldb;

import io.divan.storage.task.PeriodicTask;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A thread that periodically removes a database's expired rows. */
final class Sweeper implements AutoCloseable {
  private static final long CLOSE_MILLIS_MAX = 30_000;

  private final PeriodicTask sweep;
  private final Duration period;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "leveldb-sweeper");

  Sweeper(LevelDb db, Duration period) {
    this.sweep = new PeriodicTask("removal of expired LevelDB rows", db::sweep);
    this.period = period;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!closed.await(period.toNanos(), TimeUnit.NANOSECONDS)) {
        sweep.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join(CLOSE_MILLIS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

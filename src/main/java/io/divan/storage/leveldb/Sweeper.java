package io.divan.storage.leveldb;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.iq80.leveldb.DBException;

/** A thread that sweeps a database now and then. */
final class Sweeper implements AutoCloseable {
  private static final long CLOSE_MILLIS_MAX = 30_000;

  private final LevelDb db;
  private final Duration period;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "leveldb-sweeper");

  Sweeper(LevelDb db, Duration period) {
    this.db = db;
    this.period = period;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!closed.await(period.toNanos(), TimeUnit.NANOSECONDS)) {
        try {
          db.sweep();
        } catch (DBException e) {
          System.getLogger(Sweeper.class.getName())
              .log(System.Logger.Level.WARNING, "What has expired was not removed yet", e);
        }
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

package io.divan.storage.fdb;

import io.divan.storage.StorageException;
import io.divan.storage.task.PeriodicTask;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Periodic work of an instance, on a thread of its own: clears transaction ids and polls keys. If
 * the cluster is unavailable, the next round tries again.
 */
final class Maintenance implements AutoCloseable {

  /** After this many rounds, one polls all watched keys, in case the cluster has lost a watch. */
  static final int ROUNDS_TO_LOOK_AT_ALL = 30;

  private final Transactions transactions;
  private final TransactionIds ids;
  private final Watches watches;
  private final AtomicInteger rounds = new AtomicInteger();
  private final ScheduledThreadPoolExecutor thread;
  private final PeriodicTask task = new PeriodicTask("FoundationDB maintenance", this::round);

  Maintenance(Transactions transactions, TransactionIds ids, Watches watches) {
    this.transactions = transactions;
    this.ids = ids;
    this.watches = watches;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("fdb-maintenance").factory());
  }

  /** Schedules a round after each period. */
  void start(Duration period) {
    long nanos = period.toNanos();
    thread.scheduleWithFixedDelay(task, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  void round() {
    try {
      watches.poll(transactions, rounds.incrementAndGet() % ROUNDS_TO_LOOK_AT_ALL == 0);
      ids.clear(transactions);
      ids.sweep(transactions);
    } catch (StorageException e) {
      // The next round tries again. Requests of users report that the cluster is unavailable.
      return;
    }
  }

  /** Waits for the current round, then stops the thread. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(transactions.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      thread.shutdownNow();
    }
  }
}

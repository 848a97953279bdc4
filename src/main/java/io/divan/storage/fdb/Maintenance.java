package io.divan.storage.fdb;

import io.divan.storage.StorageException;
import io.divan.storage.task.PeriodicTask;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What an instance does beside its transactions, on one thread of its own: clears the ids of
 * transactions, and looks at the keys that are polled. Where the cluster cannot serve it tries
 * again with the next round.
 */
final class Maintenance implements AutoCloseable {

  /** After so many rounds all watched keys are looked at, in case the cluster has lost a watch. */
  static final int ROUNDS_TO_LOOK_AT_ALL = 30;

  private final Transactions transactions;
  private final TransactionIds ids;
  private final Watches watches;
  private final AtomicBoolean wanted = new AtomicBoolean();
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

  /** Begins rounds. */
  void start(Duration period) {
    long nanos = period.toNanos();
    thread.scheduleWithFixedDelay(task, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  /** Asks for a round now; asked again before it began, it is still one. */
  void wake() {
    if (!thread.isShutdown() && wanted.compareAndSet(false, true)) {
      thread.execute(task);
    }
  }

  /** One round. */
  void round() {
    wanted.set(false);
    try {
      watches.poll(transactions, rounds.incrementAndGet() % ROUNDS_TO_LOOK_AT_ALL == 0);
      ids.clear(transactions);
      ids.sweep(transactions);
    } catch (StorageException e) {
      // The next round tries again; what users ask for tells them that the cluster is away.
      return;
    }
  }

  /** Ends the thread, after the round under way. */
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

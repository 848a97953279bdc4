package io.divan.background;

import io.divan.storage.Store;
import io.divan.storage.lease.Leases;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.Supplier;

/** A timer whose time passes when a test says so; everything runs on the test's thread. */
public final class ManualTimer implements TaskTimer {

  private record Scheduled(long atNanos, long number, Runnable action) {}

  private final Queue<Runnable> started = new ArrayDeque<>();
  private final PriorityQueue<Scheduled> scheduled =
      new PriorityQueue<>(
          Comparator.comparingLong(Scheduled::atNanos).thenComparingLong(Scheduled::number));
  private long nowNanos;
  private long numbers;

  @Override
  public void start(String name, Runnable action) {
    started.add(action);
  }

  @Override
  public void schedule(Duration delay, Runnable action) {
    scheduled.add(new Scheduled(nowNanos + delay.toNanos(), numbers++, action));
  }

  /** Runs what was started, until nothing more starts. */
  public void run() {
    for (Runnable next = started.poll(); next != null; next = started.poll()) {
      next.run();
    }
  }

  /** Runs only the next action that was started. */
  void runNext() {
    started.remove().run();
  }

  /** How many actions were started and have not run. */
  int startedCount() {
    return started.size();
  }

  /** Lets time pass, and runs everything that is due meanwhile. */
  public void pass(Duration time) {
    run();
    long end = nowNanos + time.toNanos();
    while (!scheduled.isEmpty() && scheduled.peek().atNanos() <= end) {
      Scheduled next = scheduled.remove();
      nowNanos = next.atNanos();
      next.action().run();
      run();
    }
    nowNanos = end;
  }

  /** Tasks of a process that has its storage for itself, at this timer's time. */
  public BackgroundTasks tasks(ActiveTasks active) {
    return new BackgroundTasks(
        TaskLeases.exclusive(), active, this, BackgroundTasks.Options.defaults());
  }

  /** Tasks of one of several processes that share a storage, at this timer's time. */
  public BackgroundTasks tasks(ActiveTasks active, Supplier<Store> system, String holder) {
    return new BackgroundTasks(
        TaskLeases.shared(system, Leases.Options.shared(holder).nanoTime(this::nanoTime)),
        active,
        this,
        BackgroundTasks.Options.defaults());
  }

  /** The time since the timer was made. */
  public long nanoTime() {
    return nowNanos;
  }

  /** Does nothing, since several users share this timer; a closed one ignores its actions. */
  @Override
  public void close() {}
}

package io.divan.background;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Starts actions at once or after a delay. Tests replace it to control time. */
interface TaskTimer extends AutoCloseable {

  /** Starts an action at once on its own thread. */
  void start(String name, Runnable action);

  /** Calls a short action after a delay. */
  void schedule(Duration delay, Runnable action);

  /** Discards actions that have not begun. */
  @Override
  void close();

  /** Returns a timer that starts virtual threads. */
  static TaskTimer system() {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            target -> {
              Thread thread = new Thread(target, "background-timer");
              thread.setDaemon(true);
              return thread;
            });
    return new TaskTimer() {
      @Override
      public void start(String name, Runnable action) {
        Thread.ofVirtual().name(name).start(action);
      }

      @Override
      public void schedule(Duration delay, Runnable action) {
        if (!executor.isShutdown()) {
          executor.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
        }
      }

      @Override
      public void close() {
        executor.shutdownNow();
      }
    };
  }
}

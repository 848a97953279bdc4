package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A thread that closes the files of idle stores, looks at the others now and then, and does what an
 * engine wants done apart from transactions. Safe for use by many threads.
 */
public final class Keeper implements AutoCloseable {

  private static final long PERIOD_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);
  private static final long CLOSE_MILLIS_MAX = 30_000;

  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final OpenStores openStores;
  private final long periodNanos;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Makes a keeper, to be {@link #start}ed.
   *
   * @param name what its thread is called
   * @param idleMax how long a store stays open while it is idle
   */
  public Keeper(String name, OpenStores openStores, Duration idleMax) {
    this.openStores = openStores;
    this.periodNanos = Math.clamp(idleMax.toNanos() / 4, 1_000_000, PERIOD_NANOS_MAX);
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /** Begins its work. */
  public void start() {
    thread.start();
  }

  /** Has a task done soon; a store asks for one at a time, so that the queue is bounded. */
  public void soon(Runnable task) {
    tasks.add(task);
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
          openStores.look();
          sweptNanos = System.nanoTime();
        }
      } catch (InterruptedException e) {
        return;
      } catch (StorageException.DatabaseNotFound e) {
        // Deleted in the meantime: there is nothing to do any more.
      } catch (VirtualMachineError e) {
        throw e;
      } catch (RuntimeException | Error e) {
        Failures.log(Keeper.class, "A background task of a store failed", e);
      }
    }
  }
}

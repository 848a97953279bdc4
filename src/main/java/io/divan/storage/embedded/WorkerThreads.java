package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A bounded pool of platform threads for work that would pin the carrier of a virtual thread:
 * native calls, upcalls, syncs. Threads start on demand, end when idle, and do not keep the process
 * alive. Safe for use by many threads.
 *
 * <p>Work on these threads must not wait for other such work, because a full pool would wait for
 * itself: an attempt throws {@link IllegalStateException}. Pools have levels, so that work of a
 * layer (level 1) can wait for work of the stores below it (level 0).
 */
public final class WorkerThreads implements AutoCloseable {

  private static final Duration IDLE_MAX = Duration.ofSeconds(30);

  private static final class Worker extends Thread {
    private final int level;

    Worker(Runnable target, String name, int level) {
      super(target, name);
      this.level = level;
      setDaemon(true);
    }
  }

  private static final class Call<T> extends Handoff<T> implements Runnable {
    private final Supplier<T> work;

    Call(Supplier<T> work) {
      this.work = work;
    }

    @Override
    public void run() {
      if (!begin()) {
        return;
      }
      T result;
      try {
        result = work.get();
      } catch (Throwable e) {
        fail(e);
        return;
      }
      complete(result);
    }
  }

  private final String name;
  private final ThreadPoolExecutor pool;
  private final Duration waitMax;
  private final int level;

  /**
   * Creates a pool of level 0, whose work uses no other store.
   *
   * @param name the name of its threads
   * @param threads the most threads, at least 1
   * @param waitingMax the most pieces of work that wait for a thread
   * @param waitMax how long a caller waits for a thread, and {@link #close()} for running work
   */
  public WorkerThreads(String name, int threads, int waitingMax, Duration waitMax) {
    this(name, threads, waitingMax, waitMax, 0);
  }

  /**
   * Creates a pool.
   *
   * @param level 0, or 1 if its work uses stores whose own work has level 0
   */
  public WorkerThreads(String name, int threads, int waitingMax, Duration waitMax, int level) {
    this.name = name;
    this.level = level;
    this.waitMax = waitMax;
    pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_MAX.toNanos(),
            TimeUnit.NANOSECONDS,
            new LinkedBlockingQueue<>(waitingMax),
            target -> new Worker(target, name, level));
    pool.allowCoreThreadTimeOut(true);
  }

  /**
   * Throws if the current thread belongs to a pool of level 0.
   *
   * @throws IllegalStateException for work within work
   */
  public static void requireOutside() {
    requireAbove(0);
  }

  /**
   * Throws if the current thread belongs to a pool of this level or a lower one.
   *
   * @throws IllegalStateException for work within work
   */
  public void requireOutsideOfThese() {
    requireAbove(level);
  }

  private static void requireAbove(int level) {
    if (Thread.currentThread() instanceof Worker worker && worker.level <= level) {
      throw new IllegalStateException("A transaction's work must not call its storage");
    }
  }

  /**
   * Runs work on a thread of the pool, waits for it and rethrows its exception.
   *
   * @throws StorageException.StoreUnavailable if too much work waits, no thread becomes free in
   *     time, or the pool is closed
   */
  public <T> T call(Supplier<T> work) {
    requireOutsideOfThese();
    Call<T> call = new Call<>(work);
    execute(call);
    if (!call.await(waitMax.toNanos())) {
      pool.remove(call);
      throw new StorageException.StoreUnavailable(
          "No thread of " + name + " was free for " + waitMax.toMillis() + " ms");
    }
    return call.result();
  }

  /** Runs a turn of a single writer, soon. */
  void execute(Runnable turn) {
    try {
      pool.execute(turn);
    } catch (RejectedExecutionException e) {
      throw new StorageException.StoreUnavailable(
          pool.isShutdown() ? "The storage is closed" : "Too much work waits for " + name, e);
    }
  }

  /** Refuses waiting and new work, and waits for running work. */
  @Override
  public void close() {
    requireOutsideOfThese();
    pool.shutdown();
    List<Runnable> waiting = new ArrayList<>();
    pool.getQueue().drainTo(waiting);
    for (Runnable task : waiting) {
      if (task instanceof Call<?> call) {
        call.refuse(new StorageException.StoreUnavailable("The storage is closed"));
      }
    }
    try {
      pool.awaitTermination(waitMax.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

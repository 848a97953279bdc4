package io.divan.security.password;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A few platform threads of low priority that hash passwords. Safe for use by many threads.
 *
 * @param <K> the key of checks that may share one computation
 */
final class HashingPool<K> implements AutoCloseable {

  /**
   * The bounds.
   *
   * @param threads computations at the same time
   * @param queue computations that wait; more are refused
   * @param waitMax the longest wait for a result
   */
  record Limits(int threads, int queue, Duration waitMax) {

    /** Half the cores, so that the other half serves requests. */
    static final Limits DEFAULTS =
        new Limits(
            Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
            64,
            Duration.ofSeconds(60));
  }

  /** A computation, and how many callers wait for it. */
  private static final class Shared extends FutureTask<Boolean> {
    private int waiters = 1;

    Shared(Callable<Boolean> work) {
      super(work);
    }
  }

  private final Limits limits;
  private final LongAdder refused = new LongAdder();
  private final LongAdder waits = new LongAdder();
  private final LongAdder waitNanos = new LongAdder();
  private final ThreadPoolExecutor threads;
  private final Map<K, Shared> running = new ConcurrentHashMap<>();

  @SuppressWarnings("ThreadPriorityCheck") // only how fast requests are depends on it
  HashingPool(Limits limits) {
    this.limits = limits;
    this.threads =
        new ThreadPoolExecutor(
            limits.threads(),
            limits.threads(),
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(limits.queue()),
            work -> Thread.ofPlatform()
                .name("password-hashing")
                .daemon()
                .priority(Thread.MIN_PRIORITY)
                .unstarted(
                    () -> {
                      ThreadNiceness.lower();
                      work.run();
                    }));
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Runs work.
   *
   * @throws PasswordHasher.Overloaded when the queue is full, the wait too long, or the caller
   *     interrupted
   */
  <T> T run(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    execute(task);
    try {
      return result(task);
    } finally {
      cancel(task); // does nothing if it is done
    }
  }

  /** Runs a check, or waits for the result of an equal one that runs already. */
  boolean run(K key, Callable<Boolean> work) {
    Shared task =
        running.compute(
            key,
            (same, present) -> {
              if (present != null) {
                present.waiters++;
                return present;
              }
              Shared first = new Shared(work);
              execute(first);
              return first;
            });
    try {
      return result(task);
    } finally {
      running.computeIfPresent(key, (same, present) -> leave(present));
    }
  }

  private @Nullable Shared leave(Shared task) {
    task.waiters--;
    if (task.waiters > 0) {
      return task;
    }
    cancel(task);
    return null;
  }

  private void execute(FutureTask<?> task) {
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      refused.increment();
      throw new PasswordHasher.Overloaded();
    }
  }

  private void cancel(FutureTask<?> task) {
    if (task.cancel(true)) {
      threads.remove(task);
    }
  }

  private <T> T result(FutureTask<T> task) {
    long began = System.nanoTime();
    try {
      return task.get(limits.waitMax().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PasswordHasher.Overloaded();
    } catch (TimeoutException | CancellationException e) {
      refused.increment();
      throw new PasswordHasher.Overloaded();
    } catch (ExecutionException e) {
      throw new IllegalStateException("A password could not be hashed", e.getCause());
    } finally {
      waits.increment();
      waitNanos.add(System.nanoTime() - began);
    }
  }

  /** The most computations that wait. */
  int queueMax() {
    return limits.queue();
  }

  /** How many computations were refused, or took too long, since the creation. */
  long refused() {
    return refused.sum();
  }

  /** How many callers have waited for a result. */
  long waits() {
    return waits.sum();
  }

  /** How long these callers have waited together. */
  long waitNanos() {
    return waitNanos.sum();
  }

  /** How many computations wait. */
  int waiting() {
    return threads.getQueue().size();
  }

  /** How many callers wait for a check. */
  int waiters(K key) {
    AtomicInteger waiters = new AtomicInteger();
    running.computeIfPresent(
        key,
        (same, task) -> {
          waiters.set(task.waiters);
          return task;
        });
    return waiters.get();
  }

  @Override
  public void close() {
    threads.shutdownNow().forEach(waiting -> ((FutureTask<?>) waiting).cancel(true));
  }
}

package io.divan.storage.checked;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the time of {@link StorageAdapter#checkHealth}. At most one check runs at a time, on a
 * thread of its own. Callers that arrive while it runs share its result. While it takes longer than
 * the time-out, they fail immediately.
 */
final class HealthCheck {

  /** Slightly longer than the time-outs of the backends, whose messages say more. */
  static final Duration TIMEOUT = Duration.ofMillis(2_500);

  private record Running(FutureTask<Boolean> task, long endNanos) {}

  private final Runnable check;
  private final Duration timeout;
  private final AtomicReference<@Nullable Running> running = new AtomicReference<>();

  HealthCheck(Runnable check, Duration timeout) {
    this.check = check;
    this.timeout = timeout;
  }

  /**
   * Checks, or waits for the check that is running.
   *
   * @throws StorageException if the storage is not healthy, or does not respond in time
   */
  void run() {
    Running current = current();
    try {
      var _ = current.task.get(current.endNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new StorageException.StoreUnavailable(
          "The storage did not respond within " + timeout.toMillis() + " ms");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException.StoreUnavailable("Interrupted while checking the storage");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(cause);
    }
  }

  private Running current() {
    Running mine =
        new Running(new FutureTask<>(this::check, true), System.nanoTime() + timeout.toNanos());
    @Nullable Running current;
    do {
      current = running.get();
      if (current != null) {
        return current;
      }
    } while (!running.compareAndSet(null, mine));
    Thread.ofPlatform().daemon().name("storage-check").start(mine.task);
    return mine;
  }

  private void check() {
    try {
      check.run();
    } finally {
      running.set(null); // before the callers get the result, so that the next call checks again
    }
  }
}

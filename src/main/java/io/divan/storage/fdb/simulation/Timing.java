package io.divan.storage.fdb.simulation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The clock of a cluster, and the scheduling of its clients. Thread-safe. */
interface Timing {

  /** A monotonic clock, in nanoseconds since an arbitrary time. */
  long nanos();

  /** Called before every operation of a client; another client may run first. */
  void turn();

  /** Suspends the calling client, by a simulated clock; no effect on the machine's clock. */
  void pause(long nanos);

  /** A future that another client completes. */
  <T> CompletableFuture<T> future();

  /** A future that completes after a delay. */
  CompletableFuture<Void> delay(long nanos, Executor executor);

  /** The machine's clock; clients run concurrently. */
  final class Real implements Timing {
    private final long start = System.nanoTime();

    @Override
    public long nanos() {
      return System.nanoTime() - start;
    }

    @Override
    public void turn() {}

    @Override
    public void pause(long nanos) {}

    @Override
    public <T> CompletableFuture<T> future() {
      return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<Void> delay(long nanos, Executor executor) {
      if (nanos <= 0) {
        return CompletableFuture.completedFuture(null);
      }
      return CompletableFuture.runAsync(
          () -> {}, CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, executor));
    }
  }
}

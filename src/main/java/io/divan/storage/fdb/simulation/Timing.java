package io.divan.storage.fdb.simulation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The clock of a cluster, and how its clients take turns. Safe for use by many threads. */
interface Timing {

  /** Nanoseconds since some moment; never less than before. */
  long nanos();

  /** Called before every operation of a client: the moment at which another one may go first. */
  void turn();

  /** The calling client does nothing for a while of a simulated clock; else no effect. */
  void pause(long nanos);

  /** A future that somebody else will complete. */
  <T> CompletableFuture<T> future();

  /** A future that completes after a while. */
  CompletableFuture<Void> delay(long nanos, Executor executor);

  /** The clock of the machine; clients run as they like. */
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
          () -> { }, CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, executor));
    }
  }
}

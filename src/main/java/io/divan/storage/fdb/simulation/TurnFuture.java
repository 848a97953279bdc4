package io.divan.storage.fdb.simulation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A future whose waiters let other clients run, and whose time-outs follow the simulated clock. The
 * same holds for the stages derived from it.
 */
final class TurnFuture<T> extends CompletableFuture<T> {

  private final Turns turns;

  TurnFuture(Turns turns) {
    this.turns = turns;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new TurnFuture<>(turns);
  }

  private boolean await(long nanos) {
    return isDone() || turns.await(this::isDone, nanos);
  }

  @Override
  public T join() {
    await(Long.MAX_VALUE);
    return super.join();
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    await(Long.MAX_VALUE);
    return super.get();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    await(unit.toNanos(timeout));
    return super.get(0, unit);
  }

  @Override
  public CompletableFuture<T> orTimeout(long timeout, TimeUnit unit) {
    turns.after(
        unit.toNanos(timeout), () -> completeExceptionally(new TimeoutException("timed out")));
    return this;
  }

  @Override
  public CompletableFuture<T> completeOnTimeout(T value, long timeout, TimeUnit unit) {
    turns.after(unit.toNanos(timeout), () -> complete(value));
    return this;
  }
}

package io.divan.storage.fdb.simulation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** A clock that the test moves. Delays advance it too. */
final class ManualTiming implements Timing {

  private long nanos = 4_321_987_654_321_000L;

  void advance(long nanos) {
    this.nanos += nanos;
  }

  void advanceSeconds(double seconds) {
    advance((long) (seconds * 1e9));
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public void turn() {
    nanos += 100;
  }

  @Override
  public void pause(long nanos) {
    advance(nanos);
  }

  @Override
  public <T> CompletableFuture<T> future() {
    return new CompletableFuture<>();
  }

  @Override
  public CompletableFuture<Void> delay(long nanos, Executor executor) {
    advance(nanos);
    return CompletableFuture.completedFuture(null);
  }
}

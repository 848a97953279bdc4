package io.divan.storage.fdb;

import io.divan.storage.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One caller's watch of a key. Watches of the same key share a {@link Watches.Group}. */
final class FdbWatch implements Watch {
  private final Watches watches;

  /** Completed with true when the watch fires, with false when it is closed before. */
  private final CompletableFuture<Boolean> outcome;

  /** The groups this belongs to; guarded by the lock of {@link Watches}. */
  final List<Watches.Group> groups = new ArrayList<>(1);

  /** Whether {@link Watches} counts this; guarded by its lock. */
  boolean counted = true;

  FdbWatch(Watches watches, CompletableFuture<Boolean> outcome) {
    this.watches = watches;
    this.outcome = outcome;
  }

  void fire() {
    outcome.complete(true);
  }

  @Override
  public boolean await(Duration atMost) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException(); // also if it has fired, like other blocking methods
    }
    try {
      return outcome.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("A watch never completes with an exception", e);
    }
  }

  @Override
  public void close() {
    outcome.complete(false);
    watches.leave(this);
  }
}

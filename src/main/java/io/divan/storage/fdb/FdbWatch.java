package io.divan.storage.fdb;

import io.divan.storage.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Someone's watch of a key; whoever shares the key shares what {@link Watches} does for it. */
final class FdbWatch implements Watch {
  private final Watches watches;

  /** True when it fires, false when it is closed before. */
  private final CompletableFuture<Boolean> over;

  /** What this takes part in; guarded by the lock of {@link Watches}. */
  final List<Watches.Group> groups = new ArrayList<>(1);

  /** Whether {@link Watches} counts this; guarded by its lock. */
  boolean counted = true;

  FdbWatch(Watches watches, CompletableFuture<Boolean> over) {
    this.watches = watches;
    this.over = over;
  }

  void fire() {
    over.complete(true);
  }

  @Override
  public boolean await(Duration atMost) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException(); // also where it has fired, as elsewhere
    }
    try {
      return over.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("A watch fires or is closed, nothing else", e);
    }
  }

  @Override
  public void close() {
    over.complete(false);
    watches.leave(this);
  }
}

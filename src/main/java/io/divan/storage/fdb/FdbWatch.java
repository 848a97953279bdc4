package io.divan.storage.fdb;

import io.divan.storage.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Someone's watch of a key; whoever shares the key shares what {@link Watches} does for it. */
final class FdbWatch implements Watch {
  private final Watches watches;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean fired;

  /** What this takes part in; guarded by the lock of {@link Watches}. */
  final List<Watches.Group> groups = new ArrayList<>(1);

  /** Whether {@link Watches} counts this; guarded by its lock. */
  boolean counted = true;

  FdbWatch(Watches watches) {
    this.watches = watches;
  }

  void fire() {
    if (over.getCount() > 0) {
      fired = true;
      over.countDown();
    }
  }

  boolean isOver() {
    return over.getCount() == 0;
  }

  @Override
  public boolean await(Duration atMost) throws InterruptedException {
    return over.await(atMost.toNanos(), TimeUnit.NANOSECONDS) && fired;
  }

  @Override
  public void close() {
    over.countDown();
    watches.leave(this);
  }
}

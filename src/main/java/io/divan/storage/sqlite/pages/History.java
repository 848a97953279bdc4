package io.divan.storage.sqlite.pages;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;

/**
 * When versions were seen here first, so that it is known which readers have had their time. Safe
 * for use by many threads.
 */
final class History {
  private static final int STEPS = 64;

  private record Seen(long version, long nanos) {}

  private final long keepNanos;
  private final LongSupplier nanoTime;
  private final ArrayDeque<Seen> seen = new ArrayDeque<>();

  History(Duration keep, LongSupplier nanoTime) {
    this.keepNanos = keep.toNanos();
    this.nanoTime = nanoTime;
  }

  /** This version is the newest now. Of many in a short time the first is remembered. */
  synchronized void add(long version) {
    long now = nanoTime.getAsLong();
    Seen last = seen.peekLast();
    if (last == null
        || version > last.version() && now - last.nanos() > keepNanos / STEPS) {
      seen.addLast(new Seen(version, now));
    }
  }

  /** The newest version that was there so long ago that nobody need read an older one; or 0. */
  synchronized long horizon() {
    long horizon = 0;
    long now = nanoTime.getAsLong();
    while (!seen.isEmpty() && now - seen.peekFirst().nanos() >= keepNanos) {
      horizon = seen.removeFirst().version();
    }
    if (horizon != 0) {
      seen.addFirst(new Seen(horizon, now - keepNanos));
    }
    return horizon;
  }
}

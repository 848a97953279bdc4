package io.divan.storage.sqlite.pages;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;

/**
 * The times at which versions were first seen in this process, which determine the versions that
 * readers may still use. Thread-safe.
 */
final class VersionHistory {
  private static final int STEPS = 64;

  private record Seen(long version, long nanos) {}

  private final long keepNanos;
  private final LongSupplier nanoTime;
  private final ArrayDeque<Seen> seen = new ArrayDeque<>();

  VersionHistory(Duration keep, LongSupplier nanoTime) {
    this.keepNanos = keep.toNanos();
    this.nanoTime = nanoTime;
  }

  /**
   * Records that a version is the newest now. Of several in a short time, only the first is kept.
   */
  synchronized void add(long version) {
    long now = nanoTime.getAsLong();
    Seen last = seen.peekLast();
    if (last == null
        || version > last.version() && now - last.nanos() > keepNanos / STEPS) {
      seen.addLast(new Seen(version, now));
    }
  }

  /** The newest version that has been the newest for the whole retention time; 0 if none. */
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

package io.divan.storage.sqlite;

import java.time.Instant;
import java.time.InstantSource;

/**
 * The versions of one database's versionstamps: microseconds since 1970, or one more than the last
 * where the clock has not gone on. A version is never given twice, also where what it was given to
 * is rolled back: caches may have seen it. Safe for use by many threads.
 */
final class StampClock {
  private final InstantSource clock;
  private long last;

  StampClock(InstantSource clock) {
    this.clock = clock;
  }

  synchronized long next() {
    Instant now = clock.instant();
    long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    last = Math.max(last + 1, micros);
    return last;
  }

  /** The greatest version given or known. */
  synchronized long last() {
    return last;
  }

  /** Gives no version up to this one. */
  synchronized void raise(long version) {
    last = Math.max(last, version);
  }
}

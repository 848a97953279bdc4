package io.divan.storage.embedded;

import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;

/**
 * Issues the versions of one database's versionstamps: microseconds since 1970, or one more than
 * the last if the clock has not advanced. A version is not reused even if its transaction is rolled
 * back, because a cache may hold it. Safe for use by many threads.
 */
public final class StampClock {
  /** How far a file's ceiling is set ahead, so that not every commit writes it. */
  private static final long AHEAD_MICROS = 1_000_000;

  private final InstantSource clock;
  private long last;
  private long ceiling;

  /** Creates a clock that follows another one. */
  public StampClock(InstantSource clock) {
    this.clock = clock;
  }

  /** Returns a version greater than all before: microseconds since 1970, or one more. */
  public synchronized long next() {
    Instant now = clock.instant();
    long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    last = Math.max(last + 1, micros);
    return last;
  }

  /**
   * Returns the ceiling that a file must hold before this version is committed to it, or empty if
   * the ceiling that it holds is high enough. After a crash, no version up to the ceiling is given
   * again.
   */
  public synchronized OptionalLong raisedCeiling(long version) {
    return version <= ceiling ? OptionalLong.empty() : OptionalLong.of(version + AHEAD_MICROS);
  }

  /** Records the ceiling that the file holds durably. */
  public synchronized void ceilingIs(long durable) {
    ceiling = durable;
  }

  /** Returns the greatest version given or known. */
  public synchronized long last() {
    return last;
  }

  /** Ensures that later versions are greater than this one. */
  public synchronized void raise(long version) {
    last = Math.max(last, version);
  }

  /** Returns another clock that gives no version up to the greatest of this one. */
  public StampClock above() {
    StampClock above = new StampClock(clock);
    above.raise(last());
    return above;
  }
}

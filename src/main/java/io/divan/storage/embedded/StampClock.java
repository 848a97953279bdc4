package io.divan.storage.embedded;

import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;

/**
 * The versions of one database's versionstamps, for engines that keep their files here:
 * microseconds since 1970, or one more than the last where the clock has not gone on. A version is
 * never given twice, also where what it was given to is rolled back: caches may have seen it. Safe
 * for use by many threads.
 */
public final class StampClock {
  /** How far a file's ceiling is set ahead, so that not every commit writes it. */
  private static final long AHEAD_MICROS = 1_000_000;

  private final InstantSource clock;
  private long last;
  private long ceiling;

  /** Begins with what the clock says. */
  public StampClock(InstantSource clock) {
    this.clock = clock;
  }

  /** A version greater than all before. */
  public synchronized long next() {
    Instant now = clock.instant();
    long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    last = Math.max(last + 1, micros);
    return last;
  }

  /**
   * The ceiling that a file has to say before this version is committed to it, or nothing when what
   * it says is enough: after a crash no version up to that is given again.
   */
  public synchronized OptionalLong raisedCeiling(long version) {
    return version <= ceiling ? OptionalLong.empty() : OptionalLong.of(version + AHEAD_MICROS);
  }

  /** The file says this ceiling, durably. */
  public synchronized void ceilingIs(long durable) {
    ceiling = durable;
  }

  /** The greatest version given or known. */
  public synchronized long last() {
    return last;
  }

  /** Gives no version up to this one. */
  public synchronized void raise(long version) {
    last = Math.max(last, version);
  }

  /** Another one of the same clock, that gives no version up to the greatest of this one. */
  public StampClock above() {
    StampClock above = new StampClock(clock);
    above.raise(last());
    return above;
  }
}

package io.divan.storage.leveldb;

import io.divan.storage.WriteTransaction;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What LevelDB's own options do not know.
 *
 * @param iterators what iterators without a snapshot see
 * @param expiring whether values may expire; a property of the database, given when it is made
 * @param sweepEvery how often what has expired is removed in the background; nothing where {@link
 *     LevelDb#sweep} is called by somebody else
 * @param keepSnapshots how long a snapshot stays readable, however soon the store forgets; a
 *     property of the database, given when it is made, as is that there is one. Writes then read
 *     and keep what they replace while there are snapshots. Without it a snapshot is one of the
 *     store's, which FoundationDB ends after five seconds
 * @param fence called first in every write transaction; what it throws refuses the write. Where
 *     several processes use a store, it checks that this one still owns the database
 * @param clock tells what has expired
 */
public record LevelDbOptions(
    Iterators iterators,
    boolean expiring,
    Optional<Duration> sweepEvery,
    Optional<Duration> keepSnapshots,
    Consumer<WriteTransaction> fence,
    InstantSource clock) {

  /** What an iterator without a snapshot sees. */
  public enum Iterators {
    /**
     * Each page what is there when it is read. Nothing is held, so an iterator may last as long as
     * it likes on every store.
     */
    CONTINUING,
    /** The moment of the iterator's creation, as long as the store keeps it. */
    SNAPSHOT
  }

  private static final Duration SWEEP_MIN = Duration.ofMillis(10);

  public LevelDbOptions {
    if (sweepEvery.isPresent() && (!expiring || sweepEvery.get().compareTo(SWEEP_MIN) < 0)) {
      throw new IllegalArgumentException("What expires is swept, every 10 ms at most");
    }
    if (keepSnapshots.isPresent() && keepSnapshots.get().toMillis() < 1) {
      throw new IllegalArgumentException("Snapshots are kept for 1 ms at least");
    }
  }

  /** The defaults: iterators go on, nothing expires, no snapshot is kept, and nothing is fenced. */
  public static LevelDbOptions defaults() {
    return new LevelDbOptions(
        Iterators.CONTINUING,
        false,
        Optional.empty(),
        Optional.empty(),
        transaction -> {},
        InstantSource.system());
  }

  /** The same with other iterators. */
  public LevelDbOptions iterators(Iterators other) {
    return new LevelDbOptions(other, expiring, sweepEvery, keepSnapshots, fence, clock);
  }

  /** The same for a database whose values may expire. */
  public LevelDbOptions expiring(Optional<Duration> swept) {
    return new LevelDbOptions(iterators, true, swept, keepSnapshots, fence, clock);
  }

  /** The same for a database that keeps snapshots. */
  public LevelDbOptions keepSnapshots(Duration time) {
    return new LevelDbOptions(
        iterators, expiring, sweepEvery, Optional.of(time), fence, clock);
  }

  /** The same with a fence. */
  public LevelDbOptions fence(Consumer<WriteTransaction> check) {
    return new LevelDbOptions(iterators, expiring, sweepEvery, keepSnapshots, check, clock);
  }

  /** The same with another clock. */
  public LevelDbOptions clock(InstantSource other) {
    return new LevelDbOptions(iterators, expiring, sweepEvery, keepSnapshots, fence, other);
  }
}

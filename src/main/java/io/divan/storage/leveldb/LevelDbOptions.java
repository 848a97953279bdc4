package io.divan.storage.leveldb;

import io.divan.storage.WriteTransaction;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Options that LevelDB's own do not have.
 *
 * @param iterators what an iterator without a snapshot sees
 * @param expiring whether values may expire; fixed when the database is created
 * @param sweepEvery how often to remove expired values in the background; empty if the program
 *     calls {@link LevelDb#sweep} itself
 * @param keepSnapshots how long a snapshot stays readable, even on a store that ends snapshots
 *     earlier; fixed when the database is created, as is whether there is such a time. While
 *     snapshots exist, each write reads and keeps the values it replaces. If empty, a snapshot is
 *     one of the store's; FoundationDB ends those after five seconds
 * @param fence runs first in every write transaction and aborts it by throwing. If several
 *     processes use a store, it checks that this one still owns the database
 * @param clock the clock for expiry
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
     * Each page shows the state at the time it is read. The iterator holds no resources, so it may
     * stay open for any time on every store.
     */
    CONTINUING,
    /** The state at the iterator's creation, for as long as the store can read it. */
    SNAPSHOT
  }

  private static final Duration SWEEP_MIN = Duration.ofMillis(10);

  public LevelDbOptions {
    if (sweepEvery.isPresent() && (!expiring || sweepEvery.get().compareTo(SWEEP_MIN) < 0)) {
      throw new IllegalArgumentException(
          "sweepEvery requires expiring values and a period of at least 10 ms");
    }
    if (keepSnapshots.isPresent() && keepSnapshots.get().toMillis() < 1) {
      throw new IllegalArgumentException("keepSnapshots must be at least 1 ms");
    }
  }

  /** Returns the defaults: continuing iterators, no expiry, no kept snapshots, no fence. */
  public static LevelDbOptions defaults() {
    return new LevelDbOptions(
        Iterators.CONTINUING,
        false,
        Optional.empty(),
        Optional.empty(),
        transaction -> {},
        InstantSource.system());
  }

  /** Returns these options with other iterators. */
  public LevelDbOptions iterators(Iterators other) {
    return new LevelDbOptions(other, expiring, sweepEvery, keepSnapshots, fence, clock);
  }

  /** Returns these options for a database whose values may expire. */
  public LevelDbOptions expiring(Optional<Duration> swept) {
    return new LevelDbOptions(iterators, true, swept, keepSnapshots, fence, clock);
  }

  /** Returns these options for a database that keeps snapshots. */
  public LevelDbOptions keepSnapshots(Duration time) {
    return new LevelDbOptions(
        iterators, expiring, sweepEvery, Optional.of(time), fence, clock);
  }

  /** Returns these options with a fence. */
  public LevelDbOptions fence(Consumer<WriteTransaction> check) {
    return new LevelDbOptions(iterators, expiring, sweepEvery, keepSnapshots, check, clock);
  }

  /** Returns these options with another clock. */
  public LevelDbOptions clock(InstantSource other) {
    return new LevelDbOptions(iterators, expiring, sweepEvery, keepSnapshots, fence, other);
  }
}

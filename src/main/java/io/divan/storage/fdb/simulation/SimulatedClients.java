package io.divan.storage.fdb.simulation;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * Several clients whose scheduling, clock and random numbers are derived from one seed. Running the
 * same program with the same seed repeats it step by step.
 *
 * <p>Each client runs on a thread of its own, and exactly one of them runs at any time. Before each
 * operation of a {@link SimulatedFoundationDb}, and in {@link #turn()}, the seed chooses the client
 * to continue. The clock advances at these points, and when all clients wait. Between them a client
 * is never interrupted.
 *
 * <p>This requires that clients wait for each other only through the simulation: by {@code join}
 * and {@code get} of its futures and of stages derived from them, and by {@link #sleep(Duration)}.
 * They must not wait while holding a lock that another client needs, nor on threads that are not
 * clients; {@link #executor()} creates further clients. Time-outs of these futures follow the
 * simulated clock.
 *
 * <p>A run ends when all clients have ended, with the first exception of a client, which {@link
 * #run} throws, when all clients wait for each other, or after {@link #STEPS_MAX} steps or {@link
 * #RUN_MAX} of real time. Thread-safe.
 */
public final class SimulatedClients {

  /** The maximum number of steps of a run. */
  public static final long STEPS_MAX = 50_000_000;

  /** The maximum duration of a run, in real time. */
  public static final Duration RUN_MAX = Duration.ofMinutes(1);

  /** The program of a client. */
  @FunctionalInterface
  public interface Program {
    /** Runs once, on a thread of its own. */
    void run() throws Exception;
  }

  private final long seed;
  private final SplittableRandom random;
  private final Turns turns;

  /** Creates clients that behave according to {@code seed}. */
  public SimulatedClients(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.turns = new Turns(random.split());
  }

  /** The seed. */
  public long seed() {
    return seed;
  }

  /** A new sequence of random numbers, the same in each run with this seed. */
  public synchronized RandomGenerator random() {
    return random.split();
  }

  synchronized SplittableRandom newRandom() {
    return random.split();
  }

  Timing timing() {
    return turns;
  }

  /** The simulated clock, in nanoseconds since its start. */
  public long nanos() {
    return turns.nanos();
  }

  /** The simulated clock, which starts at the beginning of 2030. */
  public InstantSource clock() {
    Instant beginning = Instant.parse("2030-01-01T00:00:00Z");
    return () -> beginning.plusNanos(turns.nanos());
  }

  /** Adds a client, before {@link #run} or from another client. */
  public void start(String name, Program program) {
    turns.add(name, program);
  }

  /** Runs each task as a client of its own. */
  public Executor executor() {
    return task -> turns.add("task", task::run);
  }

  /** Lets another client run. No effect on a thread that is not a client. */
  public void turn() {
    turns.turn();
  }

  /** Suspends the calling client, by the simulated clock. */
  public void sleep(Duration duration) {
    turns.pause(duration.toNanos());
  }

  /** A future that one client waits for and another completes. */
  public <T> CompletableFuture<T> future() {
    return turns.future();
  }

  /**
   * Runs all clients until they end.
   *
   * @throws AssertionError on the first failure of a client; its message names the seed
   */
  public void run() {
    turns.begin();
    Throwable failure;
    try {
      failure = turns.awaitEnd(RUN_MAX);
    } catch (TimeoutException e) {
      failure = e;
    }
    if (failure != null) {
      throw new AssertionError(
          failure.getMessage() + " (replay with -Ddivan.seed=" + seed + ")", failure);
    }
  }

  /** The number of steps made; the same in each run with this seed. */
  public long steps() {
    return turns.steps();
  }

  /** A hash of all choices so far: equal for runs that took the same course. */
  public long trace() {
    return turns.trace();
  }
}

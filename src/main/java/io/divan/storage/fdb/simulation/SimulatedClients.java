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
 * Several clients whose turns, clock and random numbers come from one seed: the same program under
 * the same seed does the same, step by step.
 *
 * <p>Each client runs on a thread of its own, and exactly one of them runs at any time. Before each
 * operation of a {@link SimulatedFoundationDb}, and in {@link #turn()}, the seed says who goes on;
 * the clock moves there, and where all clients wait. What a client does between is undivided. So
 * this only holds if clients wait for one another through the simulation alone: by {@code join} and
 * {@code get} of futures that come from it (or of stages made from them), and by {@link
 * #sleep(Duration)}; never with a lock held that another client wants, and on no thread that is not
 * a client: {@link #executor()} makes more of them. Time-outs of those futures are by the simulated
 * clock.
 *
 * <p>A run ends when all clients have; at the first exception of one, which {@link #run} throws;
 * when all wait for each other; or after {@link #STEPS_MAX} steps or {@link #RUN_MAX} of real time.
 * Safe for use by many threads.
 */
public final class SimulatedClients {

  /** The most steps of a run. */
  public static final long STEPS_MAX = 50_000_000;

  /** The longest run, by the machine's clock. */
  public static final Duration RUN_MAX = Duration.ofMinutes(1);

  /** What a client does. */
  @FunctionalInterface
  public interface Program {
    /** Runs once, on a thread of its own. */
    void run() throws Exception;
  }

  private final long seed;
  private final SplittableRandom random;
  private final Turns turns;

  /** Clients whose behaviour depends on {@code seed}. */
  public SimulatedClients(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.turns = new Turns(random.split());
  }

  /** The seed, for messages. */
  public long seed() {
    return seed;
  }

  /** A new sequence of random numbers, the same in each run under this seed. */
  public synchronized RandomGenerator random() {
    return random.split();
  }

  synchronized SplittableRandom newRandom() {
    return random.split();
  }

  Timing timing() {
    return turns;
  }

  /** The simulated clock, in nanoseconds since its beginning. */
  public long nanos() {
    return turns.nanos();
  }

  /** The simulated clock, which begins at the beginning of the year 2030. */
  public InstantSource clock() {
    Instant beginning = Instant.parse("2030-01-01T00:00:00Z");
    return () -> beginning.plusNanos(turns.nanos());
  }

  /** Adds a client; before {@link #run}, or from another client. */
  public void start(String name, Program program) {
    turns.add(name, program);
  }

  /** Runs each task as a client of its own. */
  public Executor executor() {
    return task -> turns.add("task", task::run);
  }

  /** Lets another client go first. No effect in a thread that is not a client. */
  public void turn() {
    turns.turn();
  }

  /** The calling client sleeps, by the simulated clock. */
  public void sleep(Duration duration) {
    turns.pause(duration.toNanos());
  }

  /** A future for clients to wait on; completed by another client. */
  public <T> CompletableFuture<T> future() {
    return turns.future();
  }

  /**
   * Runs all clients to their ends.
   *
   * @throws AssertionError at the first failure of one; its message names the seed
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

  /** How many steps were made; the same in each run under this seed. */
  public long steps() {
    return turns.steps();
  }

  /** A number made of all choices so far: equal in runs that went the same way. */
  public long trace() {
    return turns.trace();
  }
}

package io.divan.storage.fdb.simulation;

import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.WeakHashMap;
import java.util.random.RandomGenerator;

/**
 * What a simulated cluster breaks on purpose, each fault by its own dial. All dials are off at
 * first; they may be turned while clients are at work. Each thread has a sequence of chances of its
 * own, numbered in the order in which threads come: what one thread meets does not depend on what
 * others do meanwhile. Safe for use by many threads.
 */
public final class Faults {

  /** A way to fail. */
  public enum Fault {
    /** A commit is refused with 1020, though nothing conflicts. */
    CONFLICT,
    /** A commit takes effect, and its client is told 1021. */
    UNKNOWN_COMMITTED,
    /** A commit takes no effect, and its client is told 1021. */
    UNKNOWN_NOT_COMMITTED,
    /** A read is refused with 1007, as if five seconds had passed. */
    TOO_OLD_READ,
    /** A commit is refused with 1007. */
    TOO_OLD_COMMIT,
    /** A read version or a read is refused with 1037. */
    PROCESS_BEHIND,
    /** A commit takes no effect, and its client is told 1039, which does not say so. */
    CLUSTER_VERSION_CHANGED,
    /** A call takes up to a second of the clock. Without a simulated clock: no effect. */
    DELAY,
    /** A watch is never fired. */
    LOST_WATCH,
    /** A watch fires at once. */
    SPURIOUS_WATCH,
    /** The cluster restarts before a commit: only what is committed stays. */
    RESTART
  }

  /** When a fault strikes. */
  public sealed interface Dial {

    /** Never. */
    record Off() implements Dial {}

    /**
     * Each time with the same probability.
     *
     * @param probability from 0 to 1
     */
    record Chance(double probability) implements Dial {
      /** Refuses what is not a probability. */
      public Chance {
        if (!(probability >= 0 && probability <= 1)) {
          throw new IllegalArgumentException("a probability is from 0 to 1: " + probability);
        }
      }
    }

    /**
     * Not the first {@code skipped} times, then {@code count} times, then no more.
     *
     * @param skipped how many occasions pass first
     * @param count how many are hit then
     */
    record Window(long skipped, long count) implements Dial {
      /** Refuses negative numbers. */
      public Window {
        if (skipped < 0 || count < 0) {
          throw new IllegalArgumentException("negative: " + skipped + ", " + count);
        }
      }
    }
  }

  private static final class State {
    private final Dial dial;
    private long occasions;

    State(Dial dial) {
      this.dial = dial;
    }
  }

  private final Map<Fault, State> states = new EnumMap<>(Fault.class);
  private volatile boolean any;
  private final Map<Fault, Long> struck = new EnumMap<>(Fault.class);
  private final SplittableRandom sequences;
  private final Map<Thread, RandomGenerator> ofThreads = new WeakHashMap<>();

  Faults(SplittableRandom random) {
    this.sequences = random;
  }

  private RandomGenerator random() {
    return ofThreads.computeIfAbsent(Thread.currentThread(), thread -> sequences.split());
  }

  /** Turns the dial of a fault; a window counts from now on. */
  public synchronized void set(Fault fault, Dial dial) {
    states.put(fault, new State(dial));
    any = true;
  }

  /** Each time with this probability. */
  public void chance(Fault fault, double probability) {
    set(fault, new Dial.Chance(probability));
  }

  /** Not the first {@code skipped} times, then {@code count} times. */
  public void window(Fault fault, long skipped, long count) {
    set(fault, new Dial.Window(skipped, count));
  }

  /** Turns all dials off. */
  public synchronized void clear() {
    states.clear();
    any = false;
  }

  /** How often a fault has struck. */
  public synchronized long struck(Fault fault) {
    return struck.getOrDefault(fault, 0L);
  }

  /** Whether the fault strikes on this occasion. */
  boolean strikes(Fault fault) {
    return any && struckNow(fault);
  }

  private synchronized boolean struckNow(Fault fault) {
    State state = states.get(fault);
    if (state == null) {
      return false;
    }
    boolean strikes =
        switch (state.dial) {
          case Dial.Off off -> false;
          case Dial.Chance chance -> random().nextDouble() < chance.probability();
          case Dial.Window window -> {
            long occasion = state.occasions++;
            yield occasion >= window.skipped() && occasion - window.skipped() < window.count();
          }
        };
    if (strikes) {
      struck.merge(fault, 1L, Long::sum);
    }
    return strikes;
  }

  /** A number from 0 to below {@code bound}, from this thread's sequence. */
  synchronized long draw(long bound) {
    return random().nextLong(bound);
  }
}

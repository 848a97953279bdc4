package io.divan.storage.fdb.simulation;

import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.WeakHashMap;
import java.util.random.RandomGenerator;

/**
 * The faults that a simulated cluster injects, each with its own dial. All dials are off at first,
 * and may be changed while clients run. Each thread has its own sequence of random numbers,
 * assigned in the order in which threads first appear. So the faults that one thread meets do not
 * depend on the other threads. Thread-safe.
 */
public final class Faults {

  /** A kind of fault. */
  public enum Fault {
    /** A commit is refused with 1020, though nothing conflicts. */
    CONFLICT,
    /** A commit takes effect, but its client gets 1021. */
    UNKNOWN_COMMITTED,
    /** A commit takes no effect, and its client gets 1021. */
    UNKNOWN_NOT_COMMITTED,
    /** A read is refused with 1007, as if five seconds had passed. */
    TOO_OLD_READ,
    /** A commit is refused with 1007. */
    TOO_OLD_COMMIT,
    /** A read version or a read is refused with 1037. */
    PROCESS_BEHIND,
    /** A commit takes no effect, and its client gets 1039, which leaves the outcome open. */
    CLUSTER_VERSION_CHANGED,
    /** A call takes up to a second of the simulated clock; no effect without one. */
    DELAY,
    /** A watch is never fired. */
    LOST_WATCH,
    /** A watch fires at once. */
    SPURIOUS_WATCH,
    /** The cluster restarts before a commit; only committed data survives. */
    RESTART
  }

  /** When a fault strikes. */
  public sealed interface Dial {

    /** Never. */
    record Off() implements Dial {}

    /**
     * With the same probability on each occasion.
     *
     * @param probability from 0 to 1
     */
    record Chance(double probability) implements Dial {
      /** Checks the range. */
      public Chance {
        if (!(probability >= 0 && probability <= 1)) {
          throw new IllegalArgumentException(
              "A probability must be between 0 and 1, not " + probability);
        }
      }
    }

    /**
     * On {@code count} occasions after the first {@code skipped} ones.
     *
     * @param skipped the number of occasions without a fault
     * @param count the number of occasions with a fault that follow
     */
    record Window(long skipped, long count) implements Dial {
      /** Checks that no number is negative. */
      public Window {
        if (skipped < 0 || count < 0) {
          throw new IllegalArgumentException(
              "skipped and count must not be negative: " + skipped + ", " + count);
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

  /** Sets the dial of a fault; a window counts from this call on. */
  public synchronized void set(Fault fault, Dial dial) {
    states.put(fault, new State(dial));
    any = true;
  }

  /** Sets a {@link Dial.Chance}. */
  public void chance(Fault fault, double probability) {
    set(fault, new Dial.Chance(probability));
  }

  /** Sets a {@link Dial.Window}. */
  public void window(Fault fault, long skipped, long count) {
    set(fault, new Dial.Window(skipped, count));
  }

  /** Sets all dials to {@link Dial.Off}. */
  public synchronized void clear() {
    states.clear();
    any = false;
  }

  /** The number of times a fault has struck. */
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

  /** A number from 0 up to but not including {@code bound}, from this thread's sequence. */
  synchronized long draw(long bound) {
    return random().nextLong(bound);
  }
}

package io.divan.storage.embedded;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which stores are open: beyond a number of them the one least recently used is closed, and all
 * that were not used for a while are. A store in use stays open, also beyond the number. Safe for
 * use by many threads.
 */
public final class OpenStores {

  /** A store's files, as far as they are open. */
  public interface Files {
    /** When they were last used, by {@link System#nanoTime}. */
    long usedNanos();

    /** Closes them if nobody uses them or is about to. */
    boolean closeIfUnused();

    /** Called now and then while they stay open, by the keeper. */
    default void look() {}
  }

  private final int max;
  private final Duration idleMax;
  private final Set<Files> open = ConcurrentHashMap.newKeySet();

  /** Keeps so many stores open, each of them so long. */
  public OpenStores(int max, Duration idleMax) {
    this.max = max;
    this.idleMax = idleMax;
  }

  /** These are open now. */
  public void add(Files store) {
    open.add(store);
  }

  /** These are closed now. */
  public void remove(Files store) {
    open.remove(store);
  }

  /** How many are open. */
  public int size() {
    return open.size();
  }

  /**
   * Closes those least recently used that can be closed, until there is room for one. Others do so
   * at the same time: what counts is how many are left, not whether this one has closed any.
   */
  public void makeRoom() {
    if (open.size() < max) {
      return;
    }
    long now = System.nanoTime();
    record Candidate(Files store, long unusedNanos) {}

    List<Candidate> candidates =
        open.stream()
            .map(store -> new Candidate(store, now - store.usedNanos()))
            .sorted(Comparator.comparingLong(Candidate::unusedNanos).reversed())
            .toList();
    for (Candidate candidate : candidates) {
      if (open.size() < max) {
        return;
      }
      candidate.store().closeIfUnused();
    }
  }

  /** Closes what was not used for a while, and has the others look at themselves. */
  public void look() {
    long now = System.nanoTime();
    for (Files store : open) {
      try {
        boolean idle = now - store.usedNanos() > idleMax.toNanos();
        if (!idle || !store.closeIfUnused()) {
          store.look();
        }
      } catch (RuntimeException e) {
        Failures.log(OpenStores.class, "Checking an open store failed", e);
      }
    }
  }
}

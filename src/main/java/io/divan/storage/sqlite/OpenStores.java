package io.divan.storage.sqlite;

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
final class OpenStores {
  private final int max;
  private final Duration idleMax;
  private final Set<Connections> open = ConcurrentHashMap.newKeySet();

  OpenStores(int max, Duration idleMax) {
    this.max = max;
    this.idleMax = idleMax;
  }

  void add(Connections store) {
    open.add(store);
  }

  void remove(Connections store) {
    open.remove(store);
  }

  int size() {
    return open.size();
  }

  /** Closes the store least recently used that can be closed, where there are too many. */
  void makeRoom() {
    if (open.size() < max) {
      return;
    }
    long now = System.nanoTime();
    record Candidate(Connections store, long unusedNanos) {}

    List<Candidate> candidates =
        open.stream()
            .map(store -> new Candidate(store, now - store.usedNanos()))
            .sorted(Comparator.comparingLong(Candidate::unusedNanos).reversed())
            .toList();
    for (Candidate candidate : candidates) {
      if (candidate.store().closeIfUnused()) {
        return;
      }
    }
  }

  /** Closes what was not used for a while. */
  void closeIdle() {
    long now = System.nanoTime();
    for (Connections store : open) {
      if (now - store.usedNanos() > idleMax.toNanos()) {
        store.closeIfUnused();
      }
    }
  }
}

package io.divan.storage.lease;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Leases that could not be acquired because another process held them. A {@link Lease} measures how
 * long its owner has shown no sign of life, so the next attempt must use the same object. If there
 * are too many, the least recently used one is forgotten; the next attempt for it starts measuring
 * again. Safe for use by many threads.
 *
 * @param <K> the key of a leased resource
 */
public final class WantedLeases<K> {
  private static final int ALL_MAX = 10_000;

  private final int max;
  private final Map<K, Lease> leases = new LinkedHashMap<>(16, 0.75f, true);

  /** Keeps at most 10,000 leases. */
  public WantedLeases() {
    this(ALL_MAX);
  }

  WantedLeases(int max) {
    this.max = max;
  }

  /** Returns the lease of the previous attempt, or a new one. */
  public synchronized Lease get(K key, Supplier<Lease> maker) {
    Lease lease = leases.computeIfAbsent(key, k -> maker.get());
    if (leases.size() > max) {
      leases.remove(leases.keySet().iterator().next());
    }
    return lease;
  }

  /** Removes an acquired lease. Returns false if another thread has removed it already. */
  public synchronized boolean claim(K key, Lease lease) {
    return leases.remove(key, lease);
  }

  /** Removes the lease of a resource that is no longer needed. */
  public synchronized void forget(K key) {
    leases.remove(key);
  }

  synchronized int size() {
    return leases.size();
  }
}

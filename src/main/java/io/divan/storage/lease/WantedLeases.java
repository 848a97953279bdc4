package io.divan.storage.lease;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Leases that others held when they were asked for. Each knows since when its owner has shown no
 * sign of life, so it is to be asked again, and not another one made. Of more than a number the one
 * asked for longest ago is forgotten: whoever asks for it then begins to wait anew. Safe for use by
 * many threads.
 *
 * @param <K> what a lease is of
 */
public final class WantedLeases<K> {
  private static final int ALL_MAX = 10_000;

  private final int max;
  private final Map<K, Lease> leases = new LinkedHashMap<>(16, 0.75f, true);

  /** Remembers 10,000. */
  public WantedLeases() {
    this(ALL_MAX);
  }

  WantedLeases(int max) {
    this.max = max;
  }

  /** The lease that was asked for before, or one that is made now. */
  public synchronized Lease get(K key, Supplier<Lease> maker) {
    Lease lease = leases.computeIfAbsent(key, k -> maker.get());
    if (leases.size() > max) {
      leases.remove(leases.keySet().iterator().next());
    }
    return lease;
  }

  /** Takes one that was acquired; whether nobody else did. */
  public synchronized boolean claim(K key, Lease lease) {
    return leases.remove(key, lease);
  }

  /** Forgets one that nobody will ask for any more. */
  public synchronized void forget(K key) {
    leases.remove(key);
  }

  synchronized int size() {
    return leases.size();
  }
}

package io.divan.security.password;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A bounded map whose entries expire a fixed time after they were added. The least recently used
 * entry makes room for a new one. Safe for use by many threads.
 */
final class RecentEntries<K, V> {

  private record Entry<V>(V value, long addedMillis) {}

  private final Map<K, Entry<V>> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final ReentrantLock lock = new ReentrantLock();
  private final IntSupplier entriesMax;
  private final Supplier<Duration> lifetime;
  private final InstantSource clock;

  RecentEntries(IntSupplier entriesMax, Supplier<Duration> lifetime, InstantSource clock) {
    this.entriesMax = entriesMax;
    this.lifetime = lifetime;
    this.clock = clock;
  }

  Optional<V> get(K key) {
    lock.lock();
    try {
      Entry<V> entry = current(key);
      return entry == null ? Optional.empty() : Optional.of(entry.value());
    } finally {
      lock.unlock();
    }
  }

  /** Adds an entry, or replaces the value of a present one, which keeps its time of expiry. */
  V merge(K key, V first, UnaryOperator<V> next) {
    lock.lock();
    try {
      Entry<V> old = current(key);
      Entry<V> entry =
          old == null
              ? new Entry<>(first, clock.millis())
              : new Entry<>(next.apply(old.value()), old.addedMillis());
      entries.put(key, entry);
      trim();
      return entry.value();
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return entries.size();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Entry<V> current(K key) {
    Entry<V> entry = entries.get(key);
    if (entry != null && clock.millis() - entry.addedMillis() >= lifetime.get().toMillis()) {
      entries.remove(key);
      return null;
    }
    return entry;
  }

  private void trim() {
    Iterator<K> oldest = entries.keySet().iterator();
    for (int excess = entries.size() - entriesMax.getAsInt(); excess > 0; excess--) {
      oldest.next();
      oldest.remove();
    }
  }
}

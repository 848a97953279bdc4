package io.divan.redb;

import java.util.Optional;

/**
 * A table that may be changed; for its transaction's thread.
 *
 * @param <K> keys
 * @param <V> values
 */
public interface Table<K, V> extends ReadableTable<K, V> {

  /** The most bytes of a key and a value together: with what is beside them, a page of 1 GB. */
  int PAIR_BYTES_MAX = (1 << 30) - 64;

  /** Sets a key's value, and says whether it had one. */
  boolean put(K key, V value);

  /** Removes a key, and says whether it was there. */
  boolean remove(K key);

  /**
   * Removes the keys from {@code from}, inclusive, to {@code to}, exclusive. Whole pages go at
   * once.
   *
   * @return how many there were
   */
  long removeRange(Optional<K> from, Optional<K> to);
}

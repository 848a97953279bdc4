package io.divan.redb;

import java.util.Optional;

/**
 * A table that can be changed; used by the transaction's thread only.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public interface RedbTable<K, V> extends ReadableTable<K, V> {

  /**
   * The maximum size of a key and its value together, in bytes: a page of 1 GB minus its metadata.
   */
  int PAIR_BYTES_MAX = (1 << 30) - 64;

  /** Sets the value of a key. Returns whether the key existed. */
  boolean put(K key, V value);

  /** Removes a key. Returns whether it existed. */
  boolean remove(K key);

  /**
   * Removes the keys from {@code from}, inclusive, to {@code to}, exclusive. Drops whole pages at
   * once.
   *
   * @return the number of removed keys
   */
  long removeRange(Optional<K> from, Optional<K> to);
}

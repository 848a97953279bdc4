package io.divan.redb;

import java.util.Optional;

/**
 * A table as seen by one transaction; used by the transaction's thread only.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public interface ReadableTable<K, V> {

  /** Returns the value of a key. */
  Optional<V> get(K key);

  /** Returns the number of pairs, without reading them. */
  long length();

  /** Returns a cursor over all pairs, in key order. */
  default RowCursor<K, V> range() {
    return range(Optional.empty(), Optional.empty(), false);
  }

  /**
   * Returns a cursor over a range of pairs.
   *
   * @param from the first key, inclusive; empty for no lower bound
   * @param to the last key, exclusive; empty for no upper bound
   * @param reverse whether to iterate in descending order
   */
  RowCursor<K, V> range(Optional<K> from, Optional<K> to, boolean reverse);
}

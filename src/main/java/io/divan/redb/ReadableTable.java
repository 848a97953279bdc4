package io.divan.redb;

import java.util.Optional;

/**
 * A table as one transaction sees it; for that transaction's thread.
 *
 * @param <K> keys
 * @param <V> values
 */
public interface ReadableTable<K, V> {

  /** The value of a key. */
  Optional<V> get(K key);

  /** How many pairs there are; costs nothing. */
  long length();

  /** All pairs, in order. */
  default RowCursor<K, V> range() {
    return range(Optional.empty(), Optional.empty(), false);
  }

  /**
   * The pairs of a range.
   *
   * @param from the first key, inclusive; nothing for the first there is
   * @param to the last key, exclusive; nothing for all from there
   * @param reverse from the greatest key down
   */
  RowCursor<K, V> range(Optional<K> from, Optional<K> to, boolean reverse);
}

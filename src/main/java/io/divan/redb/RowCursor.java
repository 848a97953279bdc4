package io.divan.redb;

/**
 * A cursor over the pairs of a table. It is valid until its transaction ends or its table changes;
 * after a change, {@link #next} throws {@link IllegalStateException}. {@link #key} and {@link
 * #value} copy. The arrays and offsets do not, and are valid until the next step.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public interface RowCursor<K, V> {

  /** Moves to the next pair, initially to the first. Returns false at the end. */
  boolean next();

  K key();

  V value();

  /** Returns the array that contains the key; it must not be changed. */
  byte[] keyArray();

  int keyOffset();

  int keyLength();

  /** Returns the array that contains the value; it must not be changed. */
  byte[] valueArray();

  int valueOffset();

  int valueLength();
}

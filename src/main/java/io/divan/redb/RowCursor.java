package io.divan.redb;

/**
 * Goes through pairs one by one. Ends with its transaction; a change of its table ends it too:
 * going on then throws {@link IllegalStateException}. {@link #key} and {@link #value} copy; the
 * arrays and offsets beside them do not, and hold until the next step.
 *
 * @param <K> keys
 * @param <V> values
 */
public interface RowCursor<K, V> {

  /** Goes to the next pair, the first one at first; false when there is none. */
  boolean next();

  K key();

  V value();

  /** The array that holds the key's bytes, which nobody may change. */
  byte[] keyArray();

  int keyOffset();

  int keyLength();

  /** The array that holds the value's bytes, which nobody may change. */
  byte[] valueArray();

  int valueOffset();

  int valueLength();
}

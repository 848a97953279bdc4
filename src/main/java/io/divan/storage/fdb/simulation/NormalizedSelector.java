package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.KeySelector;

/**
 * A key selector without {@code orEqual}. A positive {@code offset} selects the {@code offset}-th
 * key at or after {@code key}. Offset 0 selects the last key before it, and so on backwards.
 */
record NormalizedSelector(byte[] key, int offset) {

  static NormalizedSelector of(KeySelector selector) {
    byte[] key = Keys.cut(selector.getKey());
    return new NormalizedSelector(
        selector.orEqual() ? Keys.after(key) : key.clone(), selector.getOffset());
  }

  static NormalizedSelector firstAtOrAfter(byte[] key) {
    return new NormalizedSelector(key, 1);
  }

  boolean isFirstAtOrAfter() {
    return offset == 1;
  }
}

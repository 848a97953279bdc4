package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.KeySelector;

/**
 * A key selector without {@code orEqual}: the {@code offset}-th key from {@code key} on, counted
 * from 1 forwards, and from 0 backwards.
 */
record Selector(byte[] key, int offset) {

  static Selector of(KeySelector selector) {
    byte[] key = selector.getKey();
    key = Keys.cut(key);
    return new Selector(selector.orEqual() ? Keys.after(key) : key.clone(), selector.getOffset());
  }

  static Selector firstAtOrAfter(byte[] key) {
    return new Selector(key, 1);
  }

  boolean isFirstAtOrAfter() {
    return offset == 1;
  }
}

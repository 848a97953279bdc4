package io.divan.storage.fdb.simulation;

/** The keys from {@code begin}, inclusive, to {@code end}, exclusive. */
record KeyRange(byte[] begin, byte[] end) {

  static KeyRange ofKey(byte[] key) {
    return new KeyRange(key, Keys.after(key));
  }

  boolean isEmpty() {
    return Keys.compare(begin, end) >= 0;
  }

  boolean overlaps(KeyRange other) {
    return Keys.compare(begin, other.end) < 0 && Keys.compare(other.begin, end) < 0;
  }

  int bytes() {
    return begin.length + end.length;
  }
}

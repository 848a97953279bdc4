package io.divan.redb;

/**
 * A 128-bit XXH3 hash with seed 0, stored little-endian with {@code low} first.
 *
 * @param low the lower 64 bits
 * @param high the upper 64 bits
 */
record Checksum(long low, long high) {

  /** The placeholder for a checksum that is computed at commit; the same value as redb's. */
  static final Checksum DEFERRED = new Checksum(999, 0);
}

package io.divan.redb;

/**
 * An XXH3 hash of 128 bits with the seed 0, stored little-endian: {@code low} first.
 *
 * @param low the lower 64 bits
 * @param high the upper 64 bits
 */
record Checksum(long low, long high) {

  /** Stands for one that is made when the transaction commits; redb's own number for it. */
  static final Checksum DEFERRED = new Checksum(999, 0);
}

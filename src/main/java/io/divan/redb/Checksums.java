package io.divan.redb;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.util.Objects;

/** Computes checksums as redb does: 128-bit XXH3 with seed 0. Thread-safe. */
final class Checksums {
  private static final Hasher128 XXH3 = Hashing.xxh3_128();

  private Checksums() {}

  /** Returns the checksum of a range of an array, without copying it. */
  static Checksum of(byte[] array, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, array.length);
    HashValue128 hash = XXH3.hashBytesTo128Bits(array, offset, length);
    return new Checksum(hash.getLeastSignificantBits(), hash.getMostSignificantBits());
  }
}

package io.divan.redb;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.util.Objects;

/** Makes checksums: XXH3 with 128 bits and the seed 0, as redb does. Safe for many threads. */
final class Checksums {
  private static final Hasher128 XXH3 = Hashing.xxh3_128();

  private Checksums() {}

  /** That of a range of an array, which is not copied. */
  static Checksum of(byte[] array, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, array.length);
    HashValue128 hash = XXH3.hashBytesTo128Bits(array, offset, length);
    return new Checksum(hash.getLeastSignificantBits(), hash.getMostSignificantBits());
  }
}

package io.divan.redb;

import java.util.Arrays;

/** An order of encoded keys. */
enum KeyOrder {
  /** Unsigned lexicographic order: a prefix sorts before the keys it begins. */
  BYTES {
    @Override
    int compare(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
      return Arrays.compareUnsigned(a, aFrom, aTo, b, bFrom, bTo);
    }
  },

  /** Unsigned little-endian integers of one width. */
  LITTLE_ENDIAN {
    @Override
    int compare(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
      for (int i = aTo - aFrom - 1; i >= 0; i--) {
        int difference = (a[aFrom + i] & 0xFF) - (b[bFrom + i] & 0xFF);
        if (difference != 0) {
          return difference;
        }
      }
      return 0;
    }

    @Override
    boolean fits(int width) {
      return width != TreeFormat.VARIABLE;
    }
  },

  /** Pairs of unsigned 64-bit little-endian integers, ordered by the first. */
  PAIRS_OF_U64 {
    @Override
    int compare(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
      int first = LITTLE_ENDIAN.compare(a, aFrom, aFrom + 8, b, bFrom, bFrom + 8);
      return first != 0
          ? first
          : LITTLE_ENDIAN.compare(a, aFrom + 8, aFrom + 16, b, bFrom + 8, bFrom + 16);
    }

    @Override
    boolean fits(int width) {
      return width == 16;
    }
  },

  /**
   * The unknown order of a type that is not supported, for walks over all pairs without comparing
   * keys.
   */
  UNKNOWN {
    @Override
    int compare(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
      return 0;
    }
  },

  /** redb's keys of the allocator state: a byte for the kind, then an integer. */
  ALLOCATOR_STATE {
    @Override
    int compare(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
      int kind = (a[aFrom] & 0xFF) - (b[bFrom] & 0xFF);
      return kind != 0
          ? kind
          : LITTLE_ENDIAN.compare(a, aFrom + 1, aTo, b, bFrom + 1, bTo);
    }

    @Override
    boolean fits(int width) {
      return width == 5;
    }
  };

  abstract int compare(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo);

  /** Returns whether keys of this width, or {@link TreeFormat#VARIABLE}, can have this order. */
  boolean fits(int width) {
    return true;
  }
}

package io.divan.storage.fdb.simulation;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One change of a key or a range. A set without a value clears the key. For a range, {@code value}
 * is its end.
 */
record Mutation(Kind kind, byte[] key, byte @Nullable [] value) {

  /** The kinds of mutation; codes are FoundationDB's. */
  enum Kind {
    SET(0),
    CLEAR_RANGE(1),
    ADD(2),
    AND(6),
    OR(7),
    XOR(8),
    APPEND_IF_FITS(9),
    MAX(12),
    MIN(13),
    SET_VERSIONSTAMPED_KEY(14),
    SET_VERSIONSTAMPED_VALUE(15),
    BYTE_MIN(16),
    BYTE_MAX(17),
    COMPARE_AND_CLEAR(20);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** The atomic operation with this code, if there is one. */
    static Optional<Kind> atomic(int code) {
      return Arrays.stream(values()).filter(kind -> kind.code == code && kind.isAtomic()).findAny();
    }

    boolean isAtomic() {
      return this != SET && this != CLEAR_RANGE;
    }

    boolean isStamped() {
      return this == SET_VERSIONSTAMPED_KEY || this == SET_VERSIONSTAMPED_VALUE;
    }

    /** Whether the result depends on the previous value. */
    boolean isDependent() {
      return isAtomic() && !isStamped();
    }

    /** Whether two operations can be folded into one only if their operands have equal length. */
    boolean isNonAssociative() {
      return switch (this) {
        case ADD, OR, XOR, MAX, MIN, SET_VERSIONSTAMPED_KEY, SET_VERSIONSTAMPED_VALUE,
            COMPARE_AND_CLEAR -> true;
        default -> false;
      };
    }
  }

  /** The operand of an atomic operation. */
  byte[] operand() {
    return value == null ? Keys.EMPTY : value;
  }

  /** The end of a cleared range. */
  byte[] end() {
    return operand();
  }

  /** The size that counts towards the transaction's limit. */
  int bytes() {
    return ClusterLimits.MUTATION_OVERHEAD + key.length + (value == null ? 0 : value.length);
  }
}

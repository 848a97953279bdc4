package io.divan.storage.fdb.simulation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Applies atomic operations to values, by the rules of fdbclient/Atomic.h at API version 510 and
 * later: AND and MIN of a missing value yield the operand.
 */
final class Atomics {

  private Atomics() {}

  /** Returns the new value, or null if the key is cleared. */
  static byte @Nullable [] apply(Mutation.Kind kind, byte @Nullable [] old, byte[] operand) {
    return switch (kind) {
      case SET, SET_VERSIONSTAMPED_VALUE -> operand;
      case ADD -> add(old, operand);
      case AND -> old == null ? operand : and(old, operand);
      case OR -> combine(old, operand, false);
      case XOR -> combine(old, operand, true);
      case APPEND_IF_FITS -> append(old, operand);
      case MAX -> max(old, operand);
      case MIN -> old == null ? operand : min(old, operand);
      case BYTE_MIN -> old != null && Keys.compare(old, operand) < 0 ? old : operand;
      case BYTE_MAX -> old != null && Keys.compare(old, operand) > 0 ? old : operand;
      case COMPARE_AND_CLEAR -> old == null || Arrays.equals(old, operand) ? null : old;
      case CLEAR_RANGE, SET_VERSIONSTAMPED_KEY -> throw Errors.of(Errors.OPERATION_FAILED);
    };
  }

  /** Little-endian addition, at the length of the operand. */
  private static byte[] add(byte @Nullable [] old, byte[] operand) {
    if (old == null || old.length == 0) {
      return operand;
    }
    byte[] sum = new byte[operand.length];
    int carry = 0;
    for (int i = 0; i < sum.length; i++) {
      carry += (operand[i] & 0xFF) + (i < old.length ? old[i] & 0xFF : 0);
      sum[i] = (byte) carry;
      carry >>>= 8;
    }
    return sum;
  }

  private static byte[] and(byte[] old, byte[] operand) {
    byte[] result = new byte[operand.length];
    for (int i = 0; i < Math.min(old.length, operand.length); i++) {
      result[i] = (byte) (old[i] & operand[i]);
    }
    return result;
  }

  private static byte[] combine(byte @Nullable [] old, byte[] operand, boolean exclusive) {
    if (old == null || old.length == 0) {
      return operand;
    }
    byte[] result = operand.clone();
    for (int i = 0; i < Math.min(old.length, operand.length); i++) {
      result[i] = (byte) (exclusive ? old[i] ^ operand[i] : old[i] | operand[i]);
    }
    return result;
  }

  private static byte[] append(byte @Nullable [] old, byte[] operand) {
    if (old == null || old.length == 0) {
      return operand;
    }
    if (old.length + operand.length > ClusterLimits.VALUE_MAX) {
      return old;
    }
    byte[] result = Arrays.copyOf(old, old.length + operand.length);
    System.arraycopy(operand, 0, result, old.length, operand.length);
    return result;
  }

  private static byte[] max(byte @Nullable [] old, byte[] operand) {
    if (old == null || old.length == 0) {
      return operand;
    }
    return compareLittleEndian(old, operand) > 0 ? Arrays.copyOf(old, operand.length) : operand;
  }

  private static byte[] min(byte[] old, byte[] operand) {
    return compareLittleEndian(old, operand) < 0 ? Arrays.copyOf(old, operand.length) : operand;
  }

  /** Compares as many bytes as the operand has; further bytes of {@code old} are ignored. */
  private static int compareLittleEndian(byte[] old, byte[] operand) {
    for (int i = operand.length - 1; i >= 0; i--) {
      int difference = (i < old.length ? old[i] & 0xFF : 0) - (operand[i] & 0xFF);
      if (difference != 0) {
        return difference;
      }
    }
    return 0;
  }
}

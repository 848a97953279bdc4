package io.divan.storage.fdb.simulation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A boundary in a {@link WriteMap}: the operations on its key, and the state of the keys after it.
 *
 * @param stack the operations on the key that could not be folded into fewer. If empty, the key has
 *     the same state as the keys after it
 */
record WriteEntry(
    byte[] key,
    List<Operation> stack,
    boolean followingCleared,
    boolean followingConflict,
    boolean conflict,
    boolean followingUnreadable,
    boolean unreadable) {

  /** One operation; a set without a value clears the key. */
  record Operation(Mutation.Kind kind, byte @Nullable [] value) {

    Operation {
      if (value == null && kind != Mutation.Kind.SET) {
        throw new IllegalArgumentException("Only a set may have no value");
      }
    }
  }

  private static final Operation GONE = new Operation(Mutation.Kind.SET, null);

  /** A boundary without operations on its key. */
  static WriteEntry range(byte[] key, boolean cleared, boolean conflict, boolean unreadable) {
    return new WriteEntry(key, List.of(), cleared, conflict, conflict, unreadable, unreadable);
  }

  boolean hasOperations() {
    return !stack.isEmpty();
  }

  boolean isDependent() {
    return hasOperations() && stack.getFirst().kind().isDependent();
  }

  WriteEntry withConflict() {
    return new WriteEntry(
        key, stack, followingCleared, true, true, followingUnreadable, unreadable);
  }

  /** The stack of a cleared key, with one more operation. */
  static List<Operation> afterClear(Operation operation) {
    return over(List.of(GONE), operation);
  }

  static List<Operation> pushed(List<Operation> stack, Operation operation) {
    List<Operation> pushed = new ArrayList<>(stack.size() + 1);
    pushed.addAll(stack);
    pushed.add(operation);
    return List.copyOf(pushed);
  }

  /** The stack with one more operation, folded into the last one if the result is the same. */
  static List<Operation> over(List<Operation> stack, Operation operation) {
    Operation last = stack.getLast();
    boolean stays;
    if (last.kind() == operation.kind() && operation.kind() != Mutation.Kind.COMPARE_AND_CLEAR) {
      stays = last.kind().isNonAssociative() && length(last) >= 0
          && length(last) != length(operation);
    } else {
      stays = last.kind().isAtomic() && operation.kind().isAtomic();
    }
    if (stays) {
      return pushed(stack, operation);
    }
    return pushed(stack.subList(0, stack.size() - 1), fold(last, operation));
  }

  private static int length(Operation operation) {
    return operation.value() == null ? -1 : operation.value().length;
  }

  /** One operation with the effect of both. */
  private static Operation fold(Operation first, Operation second) {
    Mutation.Kind kind = second.kind();
    if (kind == Mutation.Kind.SET || kind == Mutation.Kind.SET_VERSIONSTAMPED_VALUE) {
      return second;
    }
    if (first.kind() != Mutation.Kind.SET && first.kind() != kind) {
      throw Errors.of(Errors.OPERATION_FAILED);
    }
    byte[] value = Atomics.apply(kind, first.value(), operand(second));
    return new Operation(first.kind(), value);
  }

  private static byte[] operand(Operation operation) {
    byte[] value = operation.value();
    return value == null ? Keys.EMPTY : value;
  }

  /** The value of the key if the snapshot holds {@code value}. */
  byte @Nullable [] applyTo(byte @Nullable [] value) {
    if (!isDependent() && stack.size() == 1) {
      return stack.getFirst().value();
    }
    Operation current = new Operation(Mutation.Kind.SET, value);
    for (Operation operation : stack) {
      current = fold(current, operation);
    }
    return current.value();
  }
}

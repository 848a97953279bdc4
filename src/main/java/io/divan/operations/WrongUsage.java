package io.divan.operations;

import org.jspecify.annotations.Nullable;

/** A command was called in a way it does not know; the message says what is wrong. */
final class WrongUsage extends RuntimeException {
  WrongUsage(@Nullable String message) {
    super(message);
  }
}

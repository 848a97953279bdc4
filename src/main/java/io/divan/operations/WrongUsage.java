package io.divan.operations;

import org.jspecify.annotations.Nullable;

/** The arguments of a command are invalid. The message names the error. */
final class WrongUsage extends RuntimeException {
  WrongUsage(@Nullable String message) {
    super(message);
  }
}

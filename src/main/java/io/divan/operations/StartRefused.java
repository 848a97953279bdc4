package io.divan.operations;

import org.jspecify.annotations.Nullable;

/** Thrown for a configuration with which the service does not start. Operators read the message. */
final class StartRefused extends RuntimeException {
  private final String action;

  /**
   * Creates a refusal.
   *
   * @param problem one sentence that describes the problem
   * @param action the change that solves it
   */
  StartRefused(@Nullable String problem, String action) {
    super(problem);
    this.action = action;
  }

  StartRefused(@Nullable String problem, String action, Throwable cause) {
    super(problem, cause);
    this.action = action;
  }

  String action() {
    return action;
  }
}

package io.divan.operations;

import org.jspecify.annotations.Nullable;

/** A configuration that the service refuses to start with. The message is for an operator. */
final class StartRefused extends RuntimeException {
  private final String action;

  /**
   * Makes a refusal.
   *
   * @param problem one sentence that says what is wrong
   * @param action what to change
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

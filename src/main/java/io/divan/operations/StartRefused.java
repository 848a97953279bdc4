package io.divan.operations;

import org.jspecify.annotations.Nullable;

/** The service must not start as it is configured; the message is one sentence for an operator. */
final class StartRefused extends RuntimeException {
  private final String action;

  StartRefused(@Nullable String problem, String action) {
    super(problem);
    this.action = action;
  }

  String action() {
    return action;
  }
}

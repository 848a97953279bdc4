package io.divan.query.selector;

import java.util.Objects;

/** Reports an invalid selector with CouchDB's error and reason. */
public final class SelectorException extends RuntimeException {
  private final String error;

  SelectorException(String error, String reason) {
    super(reason);
    this.error = error;
  }

  /** CouchDB's error word. */
  public String error() {
    return error;
  }

  /** CouchDB's reason. */
  public String reason() {
    return getMessage();
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this; // describes the input, so the stack is of no use
  }
}

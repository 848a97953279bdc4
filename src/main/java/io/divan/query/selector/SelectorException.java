package io.divan.query.selector;

import java.util.Objects;

/** Reports an invalid selector with CouchDB's error and reason. */
public sealed class SelectorException extends RuntimeException {

  /** Reports a selector with {@code $text}, which needs an index of texts. */
  public static final class TextSearch extends SelectorException {
    TextSearch() {
      super("not_supported", "Unsupported operator: $text");
    }
  }

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

package io.divan.query.plan;

import java.util.Objects;

/** Reports a request that cannot be served, with CouchDB's error and reason. */
public final class QueryException extends RuntimeException {
  private final int status;
  private final String error;

  private QueryException(int status, String error, String reason) {
    super(reason, null, false, false);
    this.status = status;
    this.error = error;
  }

  static QueryException badRequest(String error, String reason) {
    return new QueryException(400, error, reason);
  }

  /** Reports that an index of another service is needed: {@code text} or {@code nouveau}. */
  static QueryException unavailable(String service) {
    return new QueryException(503, "required index service unavailable", service);
  }

  /** The HTTP status. */
  public int status() {
    return status;
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
}

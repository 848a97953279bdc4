package io.divan.query.plan;

import java.util.Objects;

/** Reports a request that cannot be served, with CouchDB's error and reason. */
public final class QueryException extends RuntimeException {
  private final int status;
  private final String error;
  private final boolean temporary;

  private QueryException(int status, String error, String reason) {
    this(status, error, reason, false);
  }

  private QueryException(int status, String error, String reason, boolean temporary) {
    super(reason, null, false, false);
    this.status = status;
    this.error = error;
    this.temporary = temporary;
  }

  /** Reports a request that is wrong. */
  public static QueryException badRequest(String error, String reason) {
    return new QueryException(400, error, reason);
  }

  /** Reports that an index of another service is needed: {@code text} or {@code nouveau}. */
  static QueryException unavailable(String service) {
    return new QueryException(503, "required index service unavailable", service);
  }

  /** Reports a request that will succeed later. */
  public static QueryException retryLater(String reason) {
    return new QueryException(503, "service_unavailable", reason, true);
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** Whether the request will succeed later. */
  public boolean isTemporary() {
    return temporary;
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

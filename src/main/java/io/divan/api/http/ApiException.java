package io.divan.api.http;

import java.util.Map;
import java.util.Objects;

/** An error response that results from the HTTP request alone, such as an invalid parameter. */
public final class ApiException extends RuntimeException {
  private final int status;
  private final String error;
  private final Map<String, String> headers;

  public ApiException(int status, String error, String reason) {
    this(status, error, reason, Map.of());
  }

  public ApiException(int status, String error, String reason, Map<String, String> headers) {
    super(reason);
    this.status = status;
    this.error = error;
    this.headers = headers;
  }

  public static ApiException badRequest(String reason) {
    return new ApiException(400, "bad_request", reason);
  }

  public static ApiException badQuery(String reason) {
    return new ApiException(400, "query_parse_error", reason);
  }

  public static ApiException notImplemented(String reason) {
    return new ApiException(501, "not_implemented", reason);
  }

  public static ApiException methodNotAllowed(String allowed) {
    return new ApiException(
        405, "method_not_allowed", "Only " + allowed + " allowed", Map.of("Allow", allowed));
  }

  /** The MD5 of a content is not the one that the client states. */
  public static ApiException md5Mismatch() {
    return new ApiException(400, "content_md5_mismatch", "Possible message corruption.");
  }

  public static ApiException invalidRevision() {
    return badRequest("Invalid rev format");
  }

  int status() {
    return status;
  }

  String error() {
    return error;
  }

  String reason() {
    return getMessage();
  }

  Map<String, String> headers() {
    return headers;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this; // a response to the client's mistake: the stack trace is never used
  }
}

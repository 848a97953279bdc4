package io.divan.api.http;

import io.divan.configuration.ConfigurationException;
import io.divan.document.DocumentException;
import io.divan.document.attachment.ContentException;
import io.divan.json.Json;
import io.divan.json.JsonException;
import io.divan.query.plan.QueryException;
import io.divan.security.password.PasswordHasher;
import io.divan.storage.Limits;
import io.divan.storage.StorageException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.JacksonIOException;

/**
 * Maps exceptions to CouchDB's status and {@code {"error","reason"}}. All controllers leave their
 * error responses to this class.
 */
@ControllerAdvice
final class ErrorResponses {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorResponses.class);
  private static final String RETRY_SECONDS = "5";

  private final LoginPrompts prompts;

  ErrorResponses(LoginPrompts prompts) {
    this.prompts = prompts;
  }

  private record ErrorResponse(int status, String error, String reason,
      Map<String, String> headers) {
    ErrorResponse(int status, String error, String reason) {
      this(status, error, reason, Map.of());
    }
  }

  /** The failed request, with the id that both the response and the log contain. */
  private record Request(HttpServletRequest http, @Nullable String id) {

    /** Appends a reference to the log. */
    String reference(String reason) {
      return reason + " (ref " + id + ")";
    }

    @Override
    public String toString() {
      return http.getMethod() + " " + http.getRequestURI();
    }
  }

  @ExceptionHandler
  void handle(Exception failure, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    if (failure instanceof IOException && !(failure instanceof java.io.EOFException)
        && response.isCommitted()) {
      LOG.debug("The client closed the connection: {}", failure.getMessage());
      return;
    }
    Request failed = new Request(request, response.getHeader(HeadersFilter.REQUEST_ID));
    ErrorResponse error = errorResponse(failure, failed);
    if (response.isCommitted()) {
      // The status has been sent already. CutOffFilter closes the connection.
      throw failure;
    }
    response.resetBuffer();
    error.headers().forEach(response::setHeader);
    int status =
        error.status() == 401
            ? prompts.prompt(request, response, error.error(), error.reason())
            : error.status();
    Responses.error(response, status, error.error(), error.reason());
  }

  private static ErrorResponse errorResponse(Exception failure, Request request) {
    return switch (failure) {
      case ApiException e -> new ErrorResponse(e.status(), e.error(), e.reason(), e.headers());
      case DocumentException e -> errorResponse(e);
      case ConfigurationException e -> errorResponse(e);
      case JsonException e -> errorResponse(DocumentException.of(e, ""));
      case QueryException e ->
          e.isTemporary()
              ? retryLater(e.reason())
              : new ErrorResponse(e.status(), e.error(), e.reason());
      case StorageException e -> errorResponse(e, request);
      case PasswordHasher.Overloaded e ->
          new ErrorResponse(
              503,
              "service_unavailable",
              "Too many passwords wait to be checked: retry later",
              Map.of("Retry-After", Integer.toString(e.retryAfterSeconds())));
      case JacksonIOException e -> errorResponse(Objects.requireNonNull(e.getCause()), request);
      case JacksonException e -> errorResponse(DocumentException.of(Json.malformed(e), ""));
      case HttpRequestMethodNotSupportedException e -> methodNotAllowed(e);
      case NoHandlerFoundException e -> new ErrorResponse(404, "not_found", "missing");
      case InvalidParameterException e -> // actuator endpoints let Tomcat read the query
          new ErrorResponse(400, "bad_request", "The query is invalid");
      case NoResourceFoundException e -> new ErrorResponse(404, "not_found", "missing");
      case ContentException e -> errorResponse(DocumentException.of(e));
      case UncheckedIOException e -> errorResponse(Objects.requireNonNull(e.getCause()), request);
      case IOException e -> errorResponse(e, request);
      default -> unexpected(failure, request);
    };
  }

  private static ErrorResponse errorResponse(IOException failure, Request request) {
    if (failure instanceof CharacterCodingException) {
      return new ErrorResponse(400, "bad_request", "invalid UTF-8 JSON");
    }
    LOG.debug("The body of {} could not be read", request, failure);
    return new ErrorResponse(400, "bad_request", "The request's body ended too early.");
  }

  static int status(DocumentException failure) {
    return switch (failure) {
      case DocumentException.BadRequest e -> 400;
      case DocumentException.Unauthorized e -> 401;
      case DocumentException.Forbidden e -> 403;
      case DocumentException.NotFound e -> 404;
      case DocumentException.Conflict e -> 409;
      case DocumentException.MissingStub e -> 412;
      case DocumentException.TooLarge e -> 413;
      case DocumentException.AttachmentTooLarge e -> 413;
      case DocumentException.NotImplemented e -> 501;
    };
  }

  private static ErrorResponse errorResponse(DocumentException failure) {
    return new ErrorResponse(status(failure), failure.error(), failure.reason());
  }

  private static ErrorResponse errorResponse(ConfigurationException failure) {
    return switch (failure) {
      case ConfigurationException.Invalid e ->
          new ErrorResponse(400, "bad_request", e.getMessage());
      case ConfigurationException.Refused e ->
          new ErrorResponse(403, "forbidden", e.getMessage());
      case ConfigurationException.Unknown e ->
          new ErrorResponse(404, "not_found", e.getMessage());
    };
  }

  private static ErrorResponse errorResponse(StorageException failure, Request request) {
    return switch (failure) {
      case StorageException.DatabaseExists e ->
          new ErrorResponse(
              412,
              "file_exists",
              "The database could not be created, the file already exists.");
      case StorageException.DatabaseNotFound e ->
          new ErrorResponse(404, "not_found", "Database does not exist.");
      case StorageException.Conflict e -> retryLater(e.getMessage());
      case StorageException.LimitExceeded e ->
          e.limit() == Limits.Limit.DATABASE_NAME
              ? new ErrorResponse(400, "database_name_too_long", e.getMessage())
              : new ErrorResponse(413, "too_large", e.getMessage());
      case StorageException.SnapshotTooOld e -> unexpected(e, request);
      case StorageException.StoreFull e -> {
        // No stack trace: the log may be on the disk that is full.
        LOG.error(
            "{}: free some disk space; writes then succeed again without a restart (ref {})",
            e.getMessage(),
            request.id());
        yield new ErrorResponse(
            507, "insufficient_storage", request.reference("The storage has no space left"));
      }
      case StorageException.StoreUnavailable e -> {
        LOG.warn("The storage is unavailable: {} (ref {})", e.getMessage(), request.id());
        yield retryLater(request.reference("The storage is unavailable now: retry later"));
      }
      case StorageException.StoreUnusable e -> {
        LOG.error("The storage cannot be used: {} (ref {})", e.getMessage(), request.id());
        yield new ErrorResponse(500, "storage_unusable", request.reference(e.reason()));
      }
      case StorageException.StoreCorrupt e -> {
        LOG.error(
            "{} is damaged: restore it from a backup or a replica (ref {})",
            e.file(),
            request.id(),
            e);
        yield new ErrorResponse(500, "store_corrupt", request.reference("The database is damaged"));
      }
    };
  }

  private static ErrorResponse retryLater(String reason) {
    return new ErrorResponse(
        503, "service_unavailable", reason, Map.of("Retry-After", RETRY_SECONDS));
  }

  private static ErrorResponse methodNotAllowed(HttpRequestMethodNotSupportedException failure) {
    TreeSet<String> allowed = new TreeSet<>();
    if (failure.getSupportedHttpMethods() != null) {
      failure.getSupportedHttpMethods().stream().map(HttpMethod::name).forEach(allowed::add);
    }
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    String methods = String.join(",", allowed);
    return new ErrorResponse(
        405, "method_not_allowed", "Only " + methods + " allowed", Map.of("Allow", methods));
  }

  private static ErrorResponse unexpected(Exception failure, Request request) {
    LOG.error(
        "{} failed (ref {}); please report this with the stack trace below",
        request,
        request.id(),
        failure);
    return new ErrorResponse(
        500, "internal_server_error", request.reference("See the server's log"));
  }
}

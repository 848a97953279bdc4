package io.divan.api.http;

import io.divan.document.DocumentException;
import io.divan.json.Json;
import io.divan.json.JsonException;
import io.divan.storage.Limits;
import io.divan.storage.StorageException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
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

/** Turns every failure into CouchDB's status and {@code {"error","reason"}}; nothing else does. */
@ControllerAdvice
final class ErrorResponses {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorResponses.class);
  private static final String RETRY_SECONDS = "5";

  private record Answer(int status, String error, String reason, Map<String, String> headers) {
    Answer(int status, String error, String reason) {
      this(status, error, reason, Map.of());
    }
  }

  /** The failed request, with the id that its answer and the log have in common. */
  private record Request(HttpServletRequest http, @Nullable String id) {

    /** A reason that refers to the line in the log. */
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
      LOG.debug("The client went away: {}", failure.getMessage());
      return;
    }
    Request asked = new Request(request, response.getHeader(CouchFilter.REQUEST_ID));
    Answer answer = answer(failure, asked);
    if (response.isCommitted()) {
      // Too late for a status: CutOffFilter cuts the connection.
      throw failure;
    }
    response.resetBuffer();
    answer.headers().forEach(response::setHeader);
    Responses.error(response, answer.status(), answer.error(), answer.reason());
  }

  private static Answer answer(Exception failure, Request request) {
    return switch (failure) {
      case ApiException e -> new Answer(e.status(), e.error(), e.reason(), e.headers());
      case DocumentException e -> answer(e);
      case JsonException e -> answer(DocumentException.of(e, ""));
      case StorageException e -> answer(e, request);
      case JacksonIOException e -> answer(Objects.requireNonNull(e.getCause()), request);
      case JacksonException e -> answer(DocumentException.of(Json.malformed(e), ""));
      case HttpRequestMethodNotSupportedException e -> methodNotAllowed(e);
      case NoHandlerFoundException e -> new Answer(404, "not_found", "missing");
      case NoResourceFoundException e -> new Answer(404, "not_found", "missing");
      case IOException e -> answer(e, request);
      default -> unexpected(failure, request);
    };
  }

  private static Answer answer(IOException failure, Request request) {
    if (failure instanceof CharacterCodingException) {
      return new Answer(400, "bad_request", "invalid UTF-8 JSON");
    }
    LOG.debug("The body of {} could not be read", request, failure);
    return new Answer(400, "bad_request", "The request's body ended too early.");
  }

  static int status(DocumentException failure) {
    return switch (failure) {
      case DocumentException.BadRequest e -> 400;
      case DocumentException.Unauthorized e -> 401;
      case DocumentException.Forbidden e -> 403;
      case DocumentException.NotFound e -> 404;
      case DocumentException.Conflict e -> 409;
      case DocumentException.TooLarge e -> 413;
      case DocumentException.NotImplemented e -> 501;
    };
  }

  private static Answer answer(DocumentException failure) {
    return new Answer(status(failure), failure.error(), failure.reason());
  }

  private static Answer answer(StorageException failure, Request request) {
    return switch (failure) {
      case StorageException.DatabaseExists e ->
          new Answer(
              412,
              "file_exists",
              "The database could not be created, the file already exists.");
      case StorageException.DatabaseNotFound e ->
          new Answer(404, "not_found", "Database does not exist.");
      case StorageException.Conflict e -> retryLater(e.getMessage());
      case StorageException.LimitExceeded e ->
          e.limit() == Limits.Limit.DATABASE_NAME
              ? new Answer(400, "database_name_too_long", e.getMessage())
              : new Answer(413, "too_large", e.getMessage());
      case StorageException.SnapshotTooOld e -> unexpected(e, request);
      case StorageException.StoreFull e -> {
        // One line each: a log that fills what is left of the disk would make it worse.
        LOG.error(
            "{}: free disk space, and writing continues without a restart (ref {})",
            e.getMessage(),
            request.id());
        yield new Answer(
            507, "insufficient_storage", request.reference("The storage has no space left"));
      }
      case StorageException.StoreUnavailable e -> {
        LOG.warn("The storage is unavailable: {} (ref {})", e.getMessage(), request.id());
        yield retryLater(request.reference("The storage is unavailable now: retry later"));
      }
      case StorageException.StoreUnusable e -> {
        LOG.error("The storage cannot be used: {} (ref {})", e.getMessage(), request.id());
        yield new Answer(500, "storage_unusable", request.reference(e.reason()));
      }
      case StorageException.StoreCorrupt e -> {
        LOG.error(
            "{} is damaged: restore it from a backup or a replica (ref {})",
            e.file(),
            request.id(),
            e);
        yield new Answer(500, "store_corrupt", request.reference("The database is damaged"));
      }
    };
  }

  private static Answer retryLater(String reason) {
    return new Answer(
        503, "service_unavailable", reason, Map.of("Retry-After", RETRY_SECONDS));
  }

  private static Answer methodNotAllowed(HttpRequestMethodNotSupportedException failure) {
    TreeSet<String> allowed = new TreeSet<>();
    if (failure.getSupportedHttpMethods() != null) {
      failure.getSupportedHttpMethods().stream().map(HttpMethod::name).forEach(allowed::add);
    }
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    String methods = String.join(",", allowed);
    return new Answer(
        405, "method_not_allowed", "Only " + methods + " allowed", Map.of("Allow", methods));
  }

  private static Answer unexpected(Exception failure, Request request) {
    LOG.error(
        "{} failed (ref {}); please report this with the stack below",
        request,
        request.id(),
        failure);
    return new Answer(
        500, "internal_server_error", request.reference("See the server's log"));
  }
}

package io.divan.document;

import io.divan.json.JsonException;
import java.util.Objects;

/**
 * What a request can do wrong with documents: CouchDB's error word and reason. The room that speaks
 * HTTP decides on the status by the type.
 */
public abstract sealed class DocumentException extends RuntimeException {
  private final String error;

  private DocumentException(String error, String reason) {
    super(reason);
    this.error = error;
  }

  /**
   * The document error for JSON that could not be read.
   *
   * @param id the document's id, as the error names it; empty where it is unknown
   */
  public static DocumentException of(JsonException failure, String id) {
    return switch (failure) {
      case JsonException.Malformed malformed -> new BadRequest(malformed.getMessage());
      case JsonException.TooLarge tooLarge -> new TooLarge(id);
    };
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
    return this; // an answer, not a fault: nobody reads its stack
  }

  /** The input is not what it should be. */
  public static final class BadRequest extends DocumentException {
    public BadRequest(String reason) {
      super("bad_request", reason);
    }

    public BadRequest(String error, String reason) {
      super(error, reason);
    }
  }

  /** There is no such document or revision. */
  public static final class NotFound extends DocumentException {
    public NotFound(String reason) {
      super("not_found", reason);
    }
  }

  /** The edit does not extend a leaf it may extend. */
  public static final class Conflict extends DocumentException {
    public Conflict() {
      super("conflict", "Document update conflict.");
    }
  }

  /** The document is larger than {@link Database#DOCUMENT_BYTES_MAX}. */
  public static final class TooLarge extends DocumentException {
    public TooLarge(String id) {
      super("document_too_large", id);
    }
  }

  /** Something CouchDB offers and this service does not. */
  public static final class NotImplemented extends DocumentException {
    public NotImplemented(String reason) {
      super("not_implemented", reason);
    }
  }
}

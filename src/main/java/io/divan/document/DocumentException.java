package io.divan.document;

import io.divan.document.attachment.ContentException;
import io.divan.json.JsonException;
import java.util.Objects;

/**
 * A request about documents that cannot be fulfilled, with CouchDB's error word and reason. The
 * HTTP layer maps the type to a status.
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

  /** The document error for a content that could not be received. */
  public static DocumentException of(ContentException failure) {
    return switch (failure) {
      case ContentException.TooLarge tooLarge -> new AttachmentTooLarge(tooLarge.getMessage());
      case ContentException.Malformed malformed -> new BadRequest(malformed.getMessage());
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
    return this; // part of the answer to a client, where a stack is of no use
  }

  /** The input is malformed. */
  public static final class BadRequest extends DocumentException {
    public BadRequest(String reason) {
      super("bad_request", reason);
    }

    public BadRequest(String error, String reason) {
      super(error, reason);
    }
  }

  /** The document or revision does not exist. */
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

  /** A rule refuses the edit. */
  public static final class Forbidden extends DocumentException {
    public Forbidden(String reason) {
      super("forbidden", reason);
    }
  }

  /** A rule refuses the edit; it may accept it from another user. */
  public static final class Unauthorized extends DocumentException {
    public Unauthorized(String reason) {
      super("unauthorized", reason);
    }
  }

  /** The edit keeps an attachment that the revision lacks which it follows. */
  public static final class MissingStub extends DocumentException {
    public MissingStub(String id, String name) {
      super("missing_stub", "Invalid attachment stub in " + id + " for " + name);
    }
  }

  /** An attachment is larger than {@code couchdb/max_attachment_size}. */
  public static final class AttachmentTooLarge extends DocumentException {
    public AttachmentTooLarge(String name) {
      super("attachment_too_large", name);
    }
  }

  /** The document is larger than {@link DocumentLimits#documentBytes}. */
  public static final class TooLarge extends DocumentException {
    public TooLarge(String id) {
      super("document_too_large", id);
    }
  }

  /** A feature of CouchDB that this service lacks. */
  public static final class NotImplemented extends DocumentException {
    public NotImplemented(String reason) {
      super("not_implemented", reason);
    }
  }
}

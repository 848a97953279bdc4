package io.divan.document.attachment;

import java.util.Objects;

/** A content that cannot be received. */
public abstract sealed class ContentException extends RuntimeException {
  private ContentException(String message) {
    super(message, null, false, false); // part of the answer to a client
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /**
   * It is larger than {@code couchdb/max_attachment_size}; the message is the attachment's name.
   */
  public static final class TooLarge extends ContentException {
    TooLarge(String name) {
      super(name);
    }
  }

  /** It is not what it is said to be. */
  public static final class Malformed extends ContentException {
    Malformed(String reason) {
      super(reason);
    }
  }
}

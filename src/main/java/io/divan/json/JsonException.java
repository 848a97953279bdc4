package io.divan.json;

import java.util.Objects;

/** Reports invalid JSON input. It has no stack trace, because it describes the input. */
public abstract sealed class JsonException extends RuntimeException {

  private JsonException(String message) {
    super(message, null, false, false);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** The text is not well-formed JSON, or exceeds a limit of its structure. */
  public static final class Malformed extends JsonException {
    /** A failure with its reason, as CouchDB gives it. */
    public Malformed(String reason) {
      super(reason);
    }

    /** The reason of text that is neither UTF-8 nor JSON. */
    static Malformed invalid() {
      return new Malformed("invalid UTF-8 JSON");
    }
  }

  /** A value has more than {@link Json#VALUE_BYTES_MAX} bytes. */
  public static final class TooLarge extends JsonException {
    TooLarge() {
      super("A JSON value has at most " + Json.VALUE_BYTES_MAX + " bytes");
    }
  }
}

package io.divan.api.attachment;

import io.divan.api.http.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The text that separates the parts of a multipart body.
 *
 * @param text the text without the hyphens before it; Latin-1, because header bytes are
 */
public record Boundary(String text) {

  /** The longest boundary that RFC 2046 allows, in characters. */
  static final int LENGTH_MAX = 70;

  /**
   * Takes the boundary from a {@code Content-Type}.
   *
   * @throws ApiException with status 400 if there is none or it is too long
   */
  public static Boundary of(HeaderValue contentType) {
    String text = contentType.parameter("boundary").orElse("");
    if (text.isEmpty()) {
      throw ApiException.badRequest("The multipart Content-Type has no boundary");
    }
    if (text.length() > LENGTH_MAX) {
      throw ApiException.badRequest(
          "The multipart boundary is longer than " + LENGTH_MAX + " characters");
    }
    return new Boundary(text);
  }

  /** A boundary of 32 hexadecimal digits that no content contains. */
  public static Boundary random() {
    return new Boundary(UUID.randomUUID().toString().replace("-", ""));
  }

  /** A random boundary as CouchDB uses it in the responses of {@code _bulk_get}. */
  public static Boundary randomOfBulkGet() {
    return new Boundary("--" + random().text);
  }

  /** The line that begins a part, without line ends. */
  byte[] delimiter() {
    return ("--" + text).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The {@code Content-Type} of a body with this boundary. */
  public String contentType(String type) {
    return type + "; boundary=\"" + text + '"';
  }
}

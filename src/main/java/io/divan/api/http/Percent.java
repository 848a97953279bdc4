package io.divan.api.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Percent-decoding as in CouchDB: a plus sign means a space, in paths too. */
public final class Percent {

  private Percent() {}

  /**
   * Decodes to bytes.
   *
   * @throws ApiException if a percent sign is not followed by two hexadecimal digits
   */
  public static byte[] decode(String encoded) {
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '%') {
        boolean cut = i + 2 >= encoded.length();
        int high = cut ? -1 : Character.digit(encoded.charAt(i + 1), 16);
        int low = cut ? -1 : Character.digit(encoded.charAt(i + 2), 16);
        if (high < 0 || low < 0) {
          throw ApiException.badRequest("invalid_url_encoding");
        }
        decoded.write(high << 4 | low);
        i += 2;
      } else if (c == '+') {
        decoded.write(' ');
      } else {
        decoded.write(c); // one byte per character: the container decodes ISO 8859-1
      }
    }
    return decoded.toByteArray();
  }

  /** Decodes UTF-8; empty if the bytes are not UTF-8. */
  public static Optional<String> text(byte[] utf8) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}

package io.divan.api.attachment;

import io.divan.api.http.Percent;
import java.nio.charset.StandardCharsets;

/** Text of clients that becomes part of a header. */
final class HeaderText {
  private static final String BINARY = "application/octet-stream";

  private HeaderText() {}

  /** Escapes text for a quoted parameter as browsers do. */
  static String quoted(String text) {
    return line(text).replace("\"", "%22");
  }

  /** Escapes line ends. */
  static String line(String text) {
    return text.replace("\r", "%0D").replace("\n", "%0A");
  }

  /** Returns a header's text: its bytes are UTF-8, else each is a character. */
  static String received(String latin1) {
    return Percent.text(latin1.getBytes(StandardCharsets.ISO_8859_1)).orElse(latin1);
  }

  /** Returns text as the container sends it, one character for each byte of UTF-8. */
  static String sent(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** Returns a type that can be sent: the type itself unless it contains control characters. */
  static String contentType(String type) {
    boolean sendable = type.chars().allMatch(c -> c >= ' ' && c != 0x7F || c == '\t');
    return sendable ? type : BINARY;
  }
}

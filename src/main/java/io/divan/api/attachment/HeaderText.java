package io.divan.api.attachment;

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

  /** Returns a type that can be sent: the type itself unless it contains control characters. */
  static String contentType(String type) {
    boolean sendable = type.chars().allMatch(c -> c >= ' ' && c != 0x7F || c == '\t');
    return sendable ? type : BINARY;
  }
}

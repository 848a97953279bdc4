package io.divan.api.attachment;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A header value with parameters, such as {@code multipart/related; boundary="x"}.
 *
 * @param value the text before the first semicolon, in lower case
 * @param parameters the parameters by their names in lower case. Of a repeated one the first
 *     counts; those without a name or an equals sign are left out.
 */
public record HeaderValue(String value, Map<String, String> parameters) {

  /** Parses a value. Never fails: what is not a parameter is skipped. */
  public static HeaderValue parse(String header) {
    Parser parser = new Parser(header);
    String value = parser.until(";").strip().toLowerCase(Locale.ROOT);
    Map<String, String> parameters = new LinkedHashMap<>();
    while (parser.hasNext()) {
      parser.skip(';');
      String name = parser.until(";=").strip().toLowerCase(Locale.ROOT);
      if (parser.skip('=')) {
        String text = parser.value();
        if (!name.isEmpty()) {
          parameters.putIfAbsent(name, text);
        }
      }
    }
    return new HeaderValue(value, parameters);
  }

  Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /** A position in a header. */
  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    boolean hasNext() {
      return at < text.length();
    }

    boolean skip(char c) {
      boolean found = hasNext() && text.charAt(at) == c;
      at += found ? 1 : 0;
      return found;
    }

    /** Reads up to one of these characters or the end. */
    String until(String ends) {
      int from = at;
      while (hasNext() && ends.indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(from, at);
    }

    /** Reads a token or a quoted string, up to the next semicolon. */
    String value() {
      while (hasNext() && " \t".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      if (!skip('"')) {
        return until(";").strip();
      }
      StringBuilder value = new StringBuilder();
      while (hasNext() && text.charAt(at) != '"') {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at++));
      }
      until(";");
      return value.toString();
    }
  }
}

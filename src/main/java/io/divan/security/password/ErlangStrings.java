package io.divan.security.password;

import io.divan.configuration.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the one kind of Erlang term that a setting has: a list of strings, and of tuples of one or
 * two strings.
 */
final class ErlangStrings {
  private static final int TERMS_MAX = 100;

  private final String text;
  private int position;

  private ErlangStrings(String text) {
    this.text = text;
  }

  /**
   * Reads a list. Each element is the list of the tuple's strings, or of the string alone.
   *
   * @throws ValueType.InvalidValue if the text is not such a list
   */
  static List<List<String>> read(String text) {
    ErlangStrings reader = new ErlangStrings(text);
    reader.expect('[');
    List<List<String>> terms = reader.terms();
    if (reader.peek() == '.') {
      reader.position++;
    }
    if (reader.peek() != 0) {
      throw reader.invalid();
    }
    return terms;
  }

  private List<List<String>> terms() {
    List<List<String>> terms = new ArrayList<>();
    if (peek() == ']') {
      position++;
      return terms;
    }
    while (true) {
      terms.add(peek() == '{' ? tuple() : List.of(string()));
      if (terms.size() > TERMS_MAX) {
        throw invalid();
      }
      if (peek() == ']') {
        position++;
        return terms;
      }
      expect(',');
    }
  }

  private List<String> tuple() {
    expect('{');
    List<String> strings = new ArrayList<>();
    strings.add(string());
    if (peek() == ',') {
      position++;
      strings.add(string());
    }
    expect('}');
    return strings;
  }

  /** A string, or several ones in a row, which Erlang joins. */
  private String string() {
    StringBuilder out = new StringBuilder();
    expect('"');
    while (true) {
      char c = next();
      if (c == '"') {
        if (peek() != '"') {
          return out.toString();
        }
        position++;
      } else if (c == '\\') {
        out.appendCodePoint(escaped());
      } else {
        out.append(c);
      }
    }
  }

  private int escaped() {
    char c = next();
    return switch (c) {
      case 'b' -> '\b';
      case 'd' -> 0x7F;
      case 'e' -> 0x1B;
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 's' -> ' ';
      case 't' -> '\t';
      case 'v' -> 0x0B;
      case 'x' -> hexadecimal();
      case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(c);
      case '^' -> next() & 0x1F;
      default -> c;
    };
  }

  private int hexadecimal() {
    boolean braces = position < text.length() && text.charAt(position) == '{';
    int begin = braces ? position + 1 : position;
    int end = braces ? text.indexOf('}', begin) : begin + 2;
    if (end <= begin || end > text.length() || end - begin > 6) {
      throw invalid();
    }
    position = braces ? end + 1 : end;
    try {
      int codePoint = Integer.parseInt(text.substring(begin, end), 16);
      if (codePoint >= 0 && codePoint <= Character.MAX_CODE_POINT) {
        return codePoint;
      }
    } catch (NumberFormatException e) {
      // the same refusal
    }
    throw invalid();
  }

  private int octal(char first) {
    int value = first - '0';
    for (int digits = 1; digits < 3 && position < text.length(); digits++) {
      int digit = text.charAt(position) - '0';
      if (digit < 0 || digit > 7) {
        break;
      }
      value = 8 * value + digit;
      position++;
    }
    return value;
  }

  private char next() {
    if (position >= text.length()) {
      throw invalid();
    }
    return text.charAt(position++);
  }

  private void expect(char expected) {
    if (peek() != expected) {
      throw invalid();
    }
    position++;
  }

  /** Skips white space, and returns the character that follows, or 0 at the end. */
  private char peek() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
    return position < text.length() ? text.charAt(position) : 0;
  }

  private ValueType.InvalidValue invalid() {
    return new ValueType.InvalidValue(
        "must be an Erlang list of regular expressions, such as [{\".{10,}\", \"Min length is 10"
            + " chars.\"}, \"[A-Z]+\"]; it is not from character " + (position + 1));
  }
}

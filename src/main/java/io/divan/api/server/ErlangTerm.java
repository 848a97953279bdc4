package io.divan.api.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An Erlang term, as CouchDB's configuration writes lists of settings. */
sealed interface ErlangTerm {

  /** An atom, string, binary or number, as text. */
  record Text(String text) implements ErlangTerm {}

  /** A tuple. */
  record Tuple(List<ErlangTerm> elements) implements ErlangTerm {}

  /** A list. */
  record Sequence(List<ErlangTerm> elements) implements ErlangTerm {}

  /** Whether this is a list. */
  default boolean isList() {
    return this instanceof Sequence;
  }

  /** Parses a text that consists of one term. Returns empty if it does not. */
  static Optional<ErlangTerm> parse(String text) {
    Parser parser = new Parser(text);
    try {
      ErlangTerm term = parser.term(0);
      parser.end();
      return Optional.of(term);
    } catch (Malformed e) {
      return Optional.empty();
    }
  }

  /** Thrown at the first character that cannot continue a term. */
  final class Malformed extends RuntimeException {
    private Malformed() {
      super(null, null, false, false);
    }
  }

  /** Reads terms from a text. For one thread. */
  final class Parser {
    private static final int DEPTH_MAX = 50;

    private final String text;
    private int position;

    private Parser(String text) {
      this.text = text;
    }

    private ErlangTerm term(int depth) {
      if (depth > DEPTH_MAX) {
        throw new Malformed();
      }
      char c = next();
      if (c == '[') {
        return new Sequence(elements(']', depth));
      } else if (c == '{') {
        return new Tuple(elements('}', depth));
      } else if (c == '"' || c == '\'') {
        return new Text(quoted(c));
      } else if (text.startsWith("<<\"", position)) {
        position += 2;
        String content = quoted('"');
        expect(">>");
        return new Text(content);
      } else if (c >= 'a' && c <= 'z' || c >= '0' && c <= '9') {
        return new Text(word());
      }
      throw new Malformed();
    }

    private List<ErlangTerm> elements(char close, int depth) {
      position++;
      List<ErlangTerm> elements = new ArrayList<>();
      if (next() == close) {
        position++;
        return elements;
      }
      while (true) {
        elements.add(term(depth + 1));
        char c = next();
        position++;
        if (c == close) {
          return elements;
        }
        if (c != ',') {
          throw new Malformed();
        }
      }
    }

    private String quoted(char quote) {
      StringBuilder content = new StringBuilder();
      position++;
      while (at() != quote) {
        if (at() == '\\') {
          position++;
        }
        content.append(at());
        position++;
      }
      position++;
      return content.toString();
    }

    private String word() {
      int begin = position;
      while (position < text.length()
          && (Character.isLetterOrDigit(text.charAt(position))
              || "_@".indexOf(text.charAt(position)) >= 0)) {
        position++;
      }
      return text.substring(begin, position);
    }

    private void expect(String wanted) {
      if (!text.startsWith(wanted, position)) {
        throw new Malformed();
      }
      position += wanted.length();
    }

    /** Skips white space and returns the character there. */
    private char next() {
      while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
        position++;
      }
      return at();
    }

    private char at() {
      if (position >= text.length()) {
        throw new Malformed();
      }
      return text.charAt(position);
    }

    private void end() {
      if (!text.substring(position).isBlank()) {
        throw new Malformed();
      }
    }
  }
}

package io.divan.document.attachment;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The rule that decides which attachments are stored gzipped: the settings {@code
 * attachments/compressible_types} and {@code attachments/compression_level}. Safe for use by many
 * threads; remembers the decisions for the types it has seen.
 */
public final class Compression {

  /** Compresses nothing. */
  static final Compression NONE = new Compression(List.of(), 0);

  /** CouchDB's default of {@code attachments/compressible_types}. */
  public static final String DEFAULT_TYPES =
      "text/*, application/javascript, application/json, application/xml";

  /** CouchDB's default of {@code attachments/compression_level}. */
  public static final int DEFAULT_LEVEL = 8;

  private static final int TYPES_CHARACTERS_MAX = 10_000;
  private static final int REMEMBERED_TYPES_MAX = 1_000;
  private static final int REMEMBERED_CHARACTERS_MAX = 256;

  private final List<Pattern> types;
  private final int level;
  private final Map<String, Boolean> remembered = new ConcurrentHashMap<>();

  private Compression(List<Pattern> types, int level) {
    this.types = types;
    this.level = level;
  }

  /**
   * Compiles the settings.
   *
   * @param types expressions with commas between them. In each the first asterisk stands for any
   *     text, and the rest is a regular expression.
   * @param level zlib's compression level; outside 1 to 9 nothing is compressed
   * @throws IllegalArgumentException if an expression is invalid
   */
  public static Compression of(String types, int level) {
    if (types.length() > TYPES_CHARACTERS_MAX) {
      throw new IllegalArgumentException(
          "The compressible types are longer than " + TYPES_CHARACTERS_MAX + " characters");
    }
    List<Pattern> patterns = new ArrayList<>();
    for (String expression : types.split(",")) {
      if (!expression.isBlank()) {
        patterns.add(pattern(expression.strip()));
      }
    }
    return new Compression(List.copyOf(patterns), level);
  }

  /** Returns the level that a setting names: its default if the text is not an integer. */
  public static int level(String text) {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      return DEFAULT_LEVEL;
    }
  }

  private static Pattern pattern(String expression) {
    if (expression.indexOf('{') >= 0) {
      // Nested repetitions compile to programs of unbounded size, and no type contains a brace.
      throw new IllegalArgumentException("A compressible type contains a brace: " + expression);
    }
    String any = expression.replaceFirst("\\*", ".*");
    try {
      return Pattern.compile("^\\s*" + any + "(?:\\s*;.*?)?\\s*$", Pattern.CASE_INSENSITIVE);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("An invalid compressible type: " + expression, e);
    }
  }

  /** The level to compress with. */
  int level() {
    return level;
  }

  /** The number of remembered decisions. */
  int remembered() {
    return remembered.size();
  }

  /** Whether attachments of a type are stored gzipped. */
  boolean appliesTo(String contentType) {
    if (level < GzipOutput.LEVEL_MIN || level > GzipOutput.LEVEL_MAX) {
      return false;
    }
    Boolean known = remembered.get(contentType);
    if (known != null) {
      return known;
    }
    boolean applies = types.stream().anyMatch(type -> type.matcher(contentType).find());
    if (contentType.length() <= REMEMBERED_CHARACTERS_MAX
        && remembered.size() < REMEMBERED_TYPES_MAX) {
      remembered.put(contentType, applies);
    }
    return applies;
  }
}

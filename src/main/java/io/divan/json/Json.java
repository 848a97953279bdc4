package io.divan.json;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * The JSON parser with its limits, and the canonical form in which bodies are stored and hashed.
 *
 * <p>The canonical form keeps members in the client's order and numbers as the client sent them. It
 * has no white space, and escapes strings as {@link JsonBuffer} does. A repeated name keeps its
 * first position and its last value. A revision that is computed from a stored body is therefore
 * the same on every node.
 */
public final class Json {

  /** The largest value, in bytes of its canonical form. */
  public static final int VALUE_BYTES_MAX = 8_000_000;

  /** The maximum nesting of values. */
  public static final int DEPTH_MAX = 500;

  /** The longest number, in characters. */
  public static final int NUMBER_CHARACTERS_MAX = 10_000;

  /** The longest member name, in characters. */
  public static final int NAME_CHARACTERS_MAX = 50_000;

  /** The limits that the parser enforces. A string too long for any document is too large. */
  private static final class Limits extends StreamReadConstraints {
    Limits() {
      super(
          DEPTH_MAX + 2, // a batch nests its documents two levels deep
          DEFAULT_MAX_DOC_LEN,
          DEFAULT_MAX_TOKEN_COUNT,
          NUMBER_CHARACTERS_MAX,
          VALUE_BYTES_MAX,
          NAME_CHARACTERS_MAX);
    }

    @Override
    public void validateStringLength(int length) {
      validateStringLengthLong(length);
    }

    @Override
    public void validateStringLengthLong(long length) {
      checkSize(length);
    }
  }

  private static final JsonFactory FACTORY =
      new StreamingJsonParser.Factory(
          JsonFactory.builder()
              .streamReadConstraints(new Limits())
              // Names are mostly the same few in every document of a batch, yet a client may send
              // as many as it likes: none of them outlives its parser.
              .disable(tools.jackson.core.TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
              .disable(StreamReadFeature.AUTO_CLOSE_SOURCE));

  private static final int SCANNED_NAMES_MAX = 12;

  private Json() {}

  /** Creates a parser of bytes, positioned before the first token. */
  public static JsonParser parser(byte[] utf8) {
    return parser(new ByteArrayInputStream(utf8));
  }

  /** Creates a parser of a stream, positioned before the first token. The stream stays open. */
  public static JsonParser parser(InputStream utf8) {
    // Decoded by the JDK, which knows neither overlong forms nor encoded surrogates nor another
    // encoding than UTF-8: the parser's own decoder lets all of them pass.
    InputStreamReader text = new InputStreamReader(utf8, StandardCharsets.UTF_8.newDecoder());
    return FACTORY.createParser(ObjectReadContext.empty(), text);
  }

  private static void checkSize(long bytes) {
    if (bytes > VALUE_BYTES_MAX) {
      throw new JsonException.TooLarge();
    }
  }

  /** Translates an exception of the parser. */
  public static JsonException malformed(JacksonException e) {
    return e instanceof StreamConstraintsException
        ? new JsonException.Malformed(
            "JSON exceeds a limit: " + e.getOriginalMessage().replaceAll(", from `[^`]*`", ""))
        : JsonException.Malformed.invalid();
  }

  /** Fails if anything but white space follows. */
  public static void expectEnd(JsonParser parser) {
    if (parser.nextToken() != null) {
      throw JsonException.Malformed.invalid();
    }
  }

  /**
   * Appends the current value in canonical form, and moves the parser to its last token.
   *
   * @throws JsonException.TooLarge if the buffer then has more than {@link #VALUE_BYTES_MAX} bytes
   * @throws JsonException.Malformed if it is nested more than {@link #DEPTH_MAX} deep
   */
  public static void copyValue(JsonParser parser, JsonBuffer out) {
    copyValue(parser, out, 1);
  }

  /** Appends the current value, which is nested this deep; the outermost depth is 1. */
  public static void copyValue(JsonParser parser, JsonBuffer out, int depth) {
    JsonToken token = parser.currentToken();
    checkDepth(token, depth);
    switch (token) {
      case START_OBJECT -> copyObject(parser, out, depth);
      case START_ARRAY -> copyArray(parser, out, depth);
      case VALUE_STRING -> {
        try {
          out.string(
              parser.getStringCharacters(), parser.getStringOffset(), parser.getStringLength());
        } catch (IllegalArgumentException e) {
          throw JsonException.Malformed.invalid();
        }
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> out.raw(parser.getString());
      case VALUE_TRUE -> out.raw("true");
      case VALUE_FALSE -> out.raw("false");
      case VALUE_NULL -> out.raw("null");
      default -> throw JsonException.Malformed.invalid();
    }
  }

  /** Fails if a value that begins with this token is nested too deep. */
  static void checkDepth(JsonToken token, int depth) {
    if (token.isStructStart() && depth > DEPTH_MAX) {
      throw new JsonException.Malformed(
          "JSON exceeds a limit: nested more than " + DEPTH_MAX + " deep");
    }
  }

  private static void copyArray(JsonParser parser, JsonBuffer out, int depth) {
    out.raw('[');
    boolean first = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!first) {
        out.raw(',');
      }
      first = false;
      copyValue(parser, out, depth + 1);
      checkSize(out.length());
    }
    out.raw(']');
  }

  private static void copyObject(JsonParser parser, JsonBuffer out, int depth) {
    Members members = new Members(out);
    members.begin();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      members.name(parser.currentName());
      parser.nextToken();
      copyValue(parser, out, depth + 1);
      members.valueEnds();
      checkSize(out.length());
    }
    members.end();
  }

  /** Returns the text of a string value. */
  public static String text(JsonParser parser) {
    return wellFormed(parser.getString());
  }

  /**
   * Writes the text of a string value in pieces, whatever its length. The parser keeps no piece.
   *
   * @param to the target. Exceptions of the type {@link java.io.IOException} would be taken for
   *     malformed input.
   * @throws JacksonException if the text is not well-formed JSON
   */
  public static void copyText(JsonParser parser, Writer to) {
    parser.readString(to);
  }

  /**
   * Returns the name of the current member.
   *
   * @throws JsonException.Malformed if it contains an unpaired surrogate
   */
  public static String name(JsonParser parser) {
    return wellFormed(parser.currentName());
  }

  /**
   * Moves to the last token of the current value without keeping it. The value must be well-formed
   * nevertheless.
   *
   * @throws JsonException.Malformed if it contains an unpaired surrogate
   */
  public static void skipValue(JsonParser parser) {
    int depth = 0;
    while (true) {
      JsonToken token = parser.currentToken();
      if (token == JsonToken.PROPERTY_NAME) {
        name(parser);
      } else if (token == JsonToken.VALUE_STRING) {
        text(parser);
      } else if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      }
      if (depth == 0) {
        return;
      }
      parser.nextToken();
    }
  }

  private static String wellFormed(String text) {
    if (!Utf8.isWellFormed(text)) {
      throw JsonException.Malformed.invalid();
    }
    return text;
  }

  /**
   * Writes the members of one object. If a name is repeated, the end of the object rewrites it with
   * each name at its first position and with its last value.
   */
  public static final class Members {
    private final JsonBuffer out;
    private final List<String> names = new ArrayList<>();
    private int[] spans = new int[24]; // per member: name begins, value begins, value ends
    private Map<String, Integer> index = Map.of();
    private int start;
    private int count;
    private int current;
    private boolean repeated;

    public Members(JsonBuffer out) {
      this.out = out;
    }

    public void begin() {
      start = out.length();
      out.raw('{');
    }

    public void name(String name) {
      if (out.length() > start + 1) {
        out.raw(',');
      }
      current = find(name);
      if (current < 0) {
        current = count++;
        names.add(name);
        if (index.isEmpty() && count > SCANNED_NAMES_MAX) {
          index = new HashMap<>();
          for (int i = 0; i < count; i++) {
            index.put(names.get(i), i);
          }
        } else if (count > SCANNED_NAMES_MAX) {
          index.put(name, current);
        }
        if (spans.length < 3 * count) {
          spans = Arrays.copyOf(spans, spans.length * 2);
        }
        spans[3 * current] = out.length();
      } else {
        repeated = true;
      }
      try {
        out.string(name).raw(':');
      } catch (IllegalArgumentException e) {
        throw JsonException.Malformed.invalid();
      }
      spans[3 * current + 1] = out.length();
    }

    public void valueEnds() {
      spans[3 * current + 2] = out.length();
    }

    public void end() {
      if (repeated) {
        JsonBuffer rebuilt = new JsonBuffer();
        for (int i = 0; i < count; i++) {
          rebuilt.raw(i == 0 ? '{' : ',').string(names.get(i)).raw(':');
          rebuilt.raw(out.copy(spans[3 * i + 1], spans[3 * i + 2]));
        }
        out.truncate(start);
        out.raw(rebuilt.toBytes());
      }
      out.raw('}');
    }

    private int find(String name) {
      if (!index.isEmpty()) {
        return index.getOrDefault(name, -1);
      }
      return names.indexOf(name);
    }
  }
}

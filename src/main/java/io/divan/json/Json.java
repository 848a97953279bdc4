package io.divan.json;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
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
 * Reading of JSON: the limits every input is held to, and the canonical form in which bodies are
 * stored and hashed.
 *
 * <p>Canonical: the members in the client's order, of a name that occurs more than once the last
 * value at the first place; no white space; strings escaped as {@link JsonBuffer} does; numbers as
 * they were sent. Rebuilding a revision from what is stored therefore gives the same bytes on every
 * node.
 */
public final class Json {

  /** The largest value, in bytes of its canonical form. */
  public static final int VALUE_BYTES_MAX = 8_000_000;

  /** How deep values may be nested. */
  public static final int DEPTH_MAX = 500;

  /** The longest number, in characters. */
  public static final int NUMBER_CHARACTERS_MAX = 10_000;

  /** The longest member name, in characters. */
  public static final int NAME_CHARACTERS_MAX = 50_000;

  /** What the parser itself holds its input to. A text that no document can hold is too large. */
  private static final class Limits extends StreamReadConstraints {
    Limits() {
      super(
          DEPTH_MAX + 2, // a batch stands two levels above its documents
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
      JsonFactory.builder()
          .streamReadConstraints(new Limits())
          // Names are mostly the same few in every document of a batch, yet a client may send as
          // many as it likes: none of them outlives its parser.
          .disable(tools.jackson.core.TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .build();

  private static final int SCANNED_NAMES_MAX = 12;

  private Json() {}

  /** A parser over bytes that stands before the first token. */
  public static JsonParser parser(byte[] utf8) {
    return parser(new ByteArrayInputStream(utf8));
  }

  /** A parser over a stream that stands before the first token. The stream is left open. */
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

  /** Turns what a parser throws into CouchDB's answer. */
  public static JsonException malformed(JacksonException e) {
    return e instanceof StreamConstraintsException
        ? new JsonException.Malformed(
            "JSON exceeds a limit: " + e.getOriginalMessage().replaceAll(", from `[^`]*`", ""))
        : JsonException.Malformed.invalid();
  }

  /** Fails unless nothing but white space follows. */
  public static void expectEnd(JsonParser parser) {
    if (parser.nextToken() != null) {
      throw JsonException.Malformed.invalid();
    }
  }

  /**
   * Appends the value the parser stands on, in canonical form, and leaves it at its last token.
   *
   * @throws JsonException.TooLarge when there are more than {@link
   *     #VALUE_BYTES_MAX} bytes then, whatever stands before them
   * @throws JsonException.Malformed when it is nested more than {@link #DEPTH_MAX} deep
   */
  public static void copyValue(JsonParser parser, JsonBuffer out) {
    copyValue(parser, out, 1);
  }

  /** As {@link #copyValue(JsonParser, JsonBuffer)}, of a value that stands so deep, from 1. */
  public static void copyValue(JsonParser parser, JsonBuffer out, int depth) {
    JsonToken token = parser.currentToken();
    if (token.isStructStart() && depth > DEPTH_MAX) {
      throw new JsonException.Malformed(
          "JSON exceeds a limit: nested more than " + DEPTH_MAX + " deep");
    }
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

  /** The text of a string value. */
  public static String text(JsonParser parser) {
    return wellFormed(parser.getString());
  }

  /**
   * The name of the member the parser stands on.
   *
   * @throws JsonException.Malformed where a surrogate stands alone in it
   */
  public static String name(JsonParser parser) {
    return wellFormed(parser.currentName());
  }

  /**
   * Steps to the last token of the value the parser stands on, which nobody wants to know; it must
   * be well-formed all the same.
   *
   * @throws JsonException.Malformed where a surrogate stands alone in it
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
   * The members of one object under construction. Where a name is repeated the object is put
   * together again at its end from the places of names and last values.
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

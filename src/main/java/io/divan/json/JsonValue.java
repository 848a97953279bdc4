package io.divan.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A parsed JSON value. Numbers keep their text, so no precision is lost. If a member occurs twice,
 * the last value counts. Immutable, provided the caller does not modify the collections it passed
 * in.
 */
public sealed interface JsonValue {

  /** The constants {@code null}, {@code false} and {@code true}. */
  enum Literal implements JsonValue {
    NULL,
    FALSE,
    TRUE
  }

  /**
   * A number.
   *
   * @param text the number as the client sent it
   */
  record Num(String text) implements JsonValue {

    /** Whether it is written as an integer: without a fraction and without an exponent. */
    public boolean isInteger() {
      return text.chars().allMatch(c -> c == '-' || c >= '0' && c <= '9');
    }
  }

  /** A string. */
  record Str(String text) implements JsonValue {}

  /** An array. */
  record Arr(List<JsonValue> elements) implements JsonValue {}

  /** An object. Members keep their order. */
  record Obj(Map<String, JsonValue> members) implements JsonValue {}

  /**
   * Parses a text that consists of one value.
   *
   * @throws JsonException.Malformed if it is not JSON, or a string contains an unpaired surrogate
   */
  static JsonValue read(byte[] utf8) {
    return read(utf8, name -> true);
  }

  /**
   * Parses as {@link #read(byte[])}, but skips members of the outermost object that are not
   * wanted.
   */
  static JsonValue read(byte[] utf8, Predicate<String> wanted) {
    try (JsonParser parser = Json.parser(utf8)) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw JsonException.Malformed.invalid();
      }
      JsonValue value = token == JsonToken.START_OBJECT ? object(parser, wanted, 1) : read(parser);
      Json.expectEnd(parser);
      return value;
    } catch (JacksonException e) {
      throw Json.malformed(e);
    }
  }

  /**
   * Reads the current value, and moves the parser to its last token.
   *
   * @throws JsonException.Malformed if it is nested more than {@link Json#DEPTH_MAX} deep, or a
   *     string contains an unpaired surrogate
   */
  static JsonValue read(JsonParser parser) {
    return value(parser, 1);
  }

  private static JsonValue value(JsonParser parser, int depth) {
    Json.checkDepth(parser.currentToken(), depth);
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, name -> true, depth);
      case START_ARRAY -> {
        List<JsonValue> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser, depth + 1));
        }
        yield new Arr(elements);
      }
      case VALUE_STRING -> new Str(Json.text(parser));
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Num(parser.getString());
      case VALUE_TRUE -> Literal.TRUE;
      case VALUE_FALSE -> Literal.FALSE;
      case VALUE_NULL -> Literal.NULL;
      default -> throw JsonException.Malformed.invalid();
    };
  }

  private static Obj object(JsonParser parser, Predicate<String> wanted, int depth) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = Json.name(parser);
      parser.nextToken();
      if (wanted.test(name)) {
        members.put(name, value(parser, depth + 1));
      } else {
        Json.skipValue(parser);
      }
    }
    return new Obj(members);
  }

  /** The text of a string; empty for any other value. */
  default Optional<String> asString() {
    return this instanceof Str(String text) ? Optional.of(text) : Optional.empty();
  }

  /** The value as JSON in canonical form. */
  default String toJson() {
    JsonBuffer out = new JsonBuffer();
    appendTo(out);
    return out.toString();
  }

  /**
   * Appends the value as JSON in canonical form.
   *
   * @throws IllegalArgumentException if a string contains an unpaired surrogate
   */
  default void appendTo(JsonBuffer out) {
    switch (this) {
      case Literal literal ->
          out.raw(
              switch (literal) {
                case NULL -> "null";
                case FALSE -> "false";
                case TRUE -> "true";
              });
      case Num number -> out.raw(number.text());
      case Str string -> out.string(string.text());
      case Arr array -> {
        out.raw('[');
        String divider = "";
        for (JsonValue element : array.elements()) {
          out.raw(divider);
          element.appendTo(out);
          divider = ",";
        }
        out.raw(']');
      }
      case Obj object -> {
        out.raw('{');
        String divider = "";
        for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
          out.raw(divider).string(member.getKey()).raw(':');
          member.getValue().appendTo(out);
          divider = ",";
        }
        out.raw('}');
      }
    }
  }
}

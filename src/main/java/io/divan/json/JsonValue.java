package io.divan.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
   * @throws JsonException.Malformed if it is not JSON
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
      JsonValue value = token == JsonToken.START_OBJECT ? object(parser, wanted) : value(parser);
      Json.expectEnd(parser);
      return value;
    } catch (JacksonException e) {
      throw Json.malformed(e);
    }
  }

  private static JsonValue value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, name -> true);
      case START_ARRAY -> {
        List<JsonValue> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser));
        }
        yield new Arr(elements);
      }
      case VALUE_STRING -> new Str(parser.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Num(parser.getString());
      case VALUE_TRUE -> Literal.TRUE;
      case VALUE_FALSE -> Literal.FALSE;
      case VALUE_NULL -> Literal.NULL;
      default -> throw JsonException.Malformed.invalid();
    };
  }

  private static Obj object(JsonParser parser, Predicate<String> wanted) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (wanted.test(name)) {
        members.put(name, value(parser));
      } else {
        Json.skipValue(parser);
      }
    }
    return new Obj(members);
  }

  /**
   * Appends the value as JSON.
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

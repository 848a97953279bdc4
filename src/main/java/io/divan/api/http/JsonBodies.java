package io.divan.api.http;

import io.divan.document.DocumentException;
import io.divan.json.Json;
import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Helpers for reading JSON request bodies. */
public final class JsonBodies {

  private JsonBodies() {}

  /** Fails unless the body is exactly one JSON object. */
  public static void expectObject(byte[] json) {
    try (JsonParser parser = Json.parser(json)) {
      expectObject(parser);
      parser.skipChildren();
      Json.expectEnd(parser);
    } catch (JacksonException e) {
      throw Json.malformed(e);
    }
  }

  /** Moves to the first token, which must begin an object. */
  public static void expectObject(JsonParser parser) {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.START_OBJECT) {
      return;
    }
    if (token != null) {
      parser.skipChildren();
      Json.expectEnd(parser);
      throw ApiException.badRequest("Request body must be a JSON object");
    }
    throw new DocumentException.BadRequest("invalid UTF-8 JSON");
  }

  /** Reads the elements of the current array. */
  public static List<JsonValue> elements(JsonParser parser) {
    List<JsonValue> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(JsonValue.read(parser));
    }
    return elements;
  }
}

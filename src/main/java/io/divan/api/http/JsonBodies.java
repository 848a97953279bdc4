package io.divan.api.http;

import io.divan.document.DocumentException;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** What the readers of JSON bodies share. */
public final class JsonBodies {

  private JsonBodies() {}

  /** Fails unless the whole body is one object. */
  public static void expectObject(byte[] json) {
    try (JsonParser parser = Json.parser(json)) {
      expectObject(parser);
      parser.skipChildren();
      Json.expectEnd(parser);
    } catch (JacksonException e) {
      throw Json.malformed(e);
    }
  }

  /** Steps onto the first token, which must begin an object. */
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

  /** The value the parser stands on. */
  public static Parameters.RawJson value(JsonParser parser) {
    Optional<String> text =
        parser.currentToken() == JsonToken.VALUE_STRING
            ? Optional.of(parser.getString())
            : Optional.empty();
    JsonBuffer json = new JsonBuffer();
    Json.copyValue(parser, json);
    return new Parameters.RawJson(text, json.toString());
  }

  /** The elements of the array the parser stands on. */
  public static List<Parameters.RawJson> elements(JsonParser parser) {
    List<Parameters.RawJson> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(value(parser));
    }
    return elements;
  }
}

package io.divan.api.listing;

import io.divan.api.http.ApiException;
import io.divan.api.http.JsonBodies;
import io.divan.api.http.Parameters;
import io.divan.json.Json;
import io.divan.json.JsonValue;
import java.io.IOException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The body of {@code _all_docs/queries}: several listings, each with options of its own. */
final class ListingQueries {

  /** Takes one listing's options. */
  @FunctionalInterface
  interface Consumer {
    void accept(ListingOptions options) throws IOException;
  }

  private ListingQueries() {}

  /**
   * Hands over the options of one query after the other, checked, and keeps none.
   *
   * @param shared what they have in common, from the query string
   * @throws ApiException where the body is not as it should be; some may be handed over by then
   */
  static void read(byte[] json, Parameters shared, Consumer consumer) throws IOException {
    JsonBodies.expectObject(json);
    ListingOptions.of(shared);
    boolean found = false;
    try (JsonParser parser = Json.parser(json)) {
      JsonBodies.expectObject(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        boolean queries = Json.name(parser).equals("queries");
        JsonToken token = parser.nextToken();
        if (!queries) {
          Json.skipValue(parser);
        } else if (token != JsonToken.START_ARRAY) {
          throw ApiException.badRequest("`queries` member must be an array.");
        } else if (found) {
          throw ApiException.badRequest("`queries` member must be there once.");
        } else {
          found = true;
          readAll(parser, shared, consumer);
        }
      }
    }
    if (!found) {
      throw ApiException.badRequest("POST body must include `queries` parameter.");
    }
  }

  private static void readAll(JsonParser parser, Parameters shared, Consumer consumer)
      throws IOException {
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw ApiException.badRequest("Each of `queries` must be a JSON object.");
      }
      ListingOptions options = ListingOptions.of(shared);
      options.forgetKeysAndGroup();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = Json.name(parser);
        parser.nextToken();
        options.add(name, JsonValue.read(parser));
      }
      consumer.accept(options.check());
    }
  }
}

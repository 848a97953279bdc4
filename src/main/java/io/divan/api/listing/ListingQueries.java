package io.divan.api.listing;

import io.divan.api.http.ApiException;
import io.divan.api.http.JsonBodies;
import io.divan.api.http.Parameters;
import io.divan.json.Json;
import io.divan.json.JsonValue;
import java.io.IOException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the body of {@code _all_docs/queries}: several listings, each with its own options. */
final class ListingQueries {

  /** Receives the options of one listing. */
  @FunctionalInterface
  interface Consumer {
    void accept(ListingOptions options) throws IOException;
  }

  private ListingQueries() {}

  /**
   * Passes the checked options of each query to the consumer as they are parsed.
   *
   * @param shared the query string, whose options apply to all queries
   * @throws ApiException if the body is invalid, possibly after some queries were consumed
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
      options.resetKeysAndGroup();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = Json.name(parser);
        parser.nextToken();
        options.add(name, JsonValue.read(parser));
      }
      consumer.accept(options.check());
    }
  }
}

package io.divan.api.changes;

import io.divan.api.http.ApiException;
import io.divan.api.http.JsonBodies;
import io.divan.api.http.Parameters;
import io.divan.document.ChangesFilter;
import io.divan.document.Database;
import io.divan.document.DocumentIds;
import io.divan.document.ReadOptions;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.query.selector.Projection;
import io.divan.query.selector.Selector;
import io.divan.query.selector.SelectorException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The filter that a {@code _changes} request names.
 *
 * @param filter selects the changes
 * @param projection reduces the documents to the requested fields
 * @param bytes the size of the filter in the request
 */
record RequestedFilter(
    ChangesFilter filter, UnaryOperator<byte[]> projection, int bytes) {

  /** The members of a request body that filters use. */
  record Body(
      byte[] json,
      Optional<Set<String>> ids,
      Optional<byte[]> selector,
      Optional<byte[]> fields) {

    /** Reads a request body. All other members are only checked to be valid JSON. */
    static Body read(byte[] body) {
      Optional<Set<String>> ids = Optional.empty();
      Optional<byte[]> selector = Optional.empty();
      Optional<byte[]> fields = Optional.empty();
      try (JsonParser parser = Json.parser(body)) {
        JsonBodies.expectObject(parser);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          switch (name) {
            case "doc_ids" -> ids = readIds(parser);
            case "selector" -> selector = Optional.of(json(parser));
            case "fields" -> fields = Optional.of(json(parser));
            default -> json(parser);
          }
        }
        Json.expectEnd(parser);
      } catch (JacksonException e) {
        throw Json.malformed(e);
      }
      return new Body(body, ids, selector, fields);
    }

    private static byte[] json(JsonParser parser) {
      JsonBuffer json = new JsonBuffer();
      Json.copyValue(parser, json);
      return json.toBytes();
    }
  }

  private static final UnaryOperator<byte[]> ALL = UnaryOperator.identity();

  /**
   * Reads the filter of a request.
   *
   * @param post whether the request is a POST
   */
  static RequestedFilter of(
      Database database, Parameters parameters, boolean post, Optional<Body> body) {
    String name = parameters.get("filter").orElse("");
    try {
      return switch (name) {
        case "_doc_ids" -> ids(parameters, post, body);
        case "_selector" -> selector(post, body);
        case "_design" -> new RequestedFilter(new ChangesFilter.DesignDocuments(), ALL, 0);
        case "_view" -> throw view(database, parameters.get("view").orElse(""));
        default -> named(database, name);
      };
    } catch (SelectorException e) {
      throw ApiException.badRequest(e.reason());
    }
  }

  private static RequestedFilter named(Database database, String name) {
    if (name.startsWith("_")) {
      throw ApiException.badRequest("unknown builtin filter name");
    }
    List<String> parts = parts(name);
    if (parts.isEmpty()) {
      return new RequestedFilter(ChangesFilter.NONE, ALL, 0);
    }
    if (parts.size() != 2) {
      throw ApiException.badRequest(
          "`filter` must be of the form `designname/filtername`");
    }
    expectMember(database, parts.getFirst(), "filters", parts.getLast());
    throw ApiException.notImplemented(
        "Filter functions of design documents are not supported yet.");
  }

  private static ApiException view(Database database, String name) {
    if (name.isEmpty()) {
      return ApiException.badRequest("`view` filter parameter is not provided.");
    }
    List<String> parts = parts(name);
    if (parts.size() != 2) {
      return ApiException.badRequest("`view` must be of the form `designname/viewname`");
    }
    expectMember(database, parts.getFirst(), "views", parts.getLast());
    return ApiException.notImplemented("Views are not supported yet, not even as filters.");
  }

  private static List<String> parts(String name) {
    return Arrays.stream(name.split("/")).filter(part -> !part.isEmpty()).toList();
  }

  private static void expectMember(
      Database database, String design, String group, String name) {
    byte[] json =
        database
            .get(DocumentIds.DESIGN_PREFIX + design, false, ReadOptions.NONE)
            .json();
    JsonValue value = JsonValue.read(json, group::equals);
    for (String key : List.of(group, name)) {
      JsonValue next =
          value instanceof JsonValue.Obj(Map<String, JsonValue> members)
              ? members.get(key)
              : null;
      if (next == null) {
        throw new ApiException(404, "not_found", "missing json key: " + key);
      }
      value = next;
    }
  }

  private static RequestedFilter ids(
      Parameters parameters, boolean post, Optional<Body> body) {
    String inQuery = parameters.get("doc_ids").orElse("null");
    Optional<Set<String>> ids = post ? required(body).ids() : readIds(inQuery);
    int bytes = post ? required(body).json().length : inQuery.length();
    return new RequestedFilter(
        new ChangesFilter.Ids(
            ids.orElseThrow(
                () -> ApiException.badRequest(
                    "`doc_ids` filter parameter is not a list of doc ids."))),
        ALL,
        bytes);
  }

  private static Optional<Set<String>> readIds(String json) {
    try (JsonParser parser = Json.parser(json.getBytes(StandardCharsets.UTF_8))) {
      if (parser.nextToken() == null) {
        throw ApiException.badRequest("invalid UTF-8 JSON");
      }
      Optional<Set<String>> ids = readIds(parser);
      Json.expectEnd(parser);
      return ids;
    } catch (JacksonException e) {
      throw Json.malformed(e);
    }
  }

  /** Reads the current value; empty unless it is an array of strings. */
  private static Optional<Set<String>> readIds(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return Optional.empty();
    }
    Set<String> ids = new HashSet<>();
    boolean allStrings = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.VALUE_STRING) {
        ids.add(parser.getString());
      } else {
        allStrings = false;
        parser.skipChildren();
      }
    }
    return allStrings ? Optional.of(ids) : Optional.empty();
  }

  private static RequestedFilter selector(boolean post, Optional<Body> body) {
    if (!post) {
      throw ApiException.badRequest("Selector must be specified in POST payload");
    }
    Body given = required(body);
    Selector selector =
        Selector.read(
            given.selector().orElseGet(() -> "null".getBytes(StandardCharsets.UTF_8)));
    UnaryOperator<byte[]> projection =
        given
            .fields()
            .map(fields -> (UnaryOperator<byte[]>) Projection.of(JsonValue.read(fields))::apply)
            .orElse(ALL);
    return new RequestedFilter(
        new ChangesFilter.Documents(selector::matches), projection, given.json().length);
  }

  private static Body required(Optional<Body> body) {
    return body.orElseThrow(() -> ApiException.badRequest("invalid UTF-8 JSON"));
  }
}

package io.divan.query.plan;

import io.divan.json.JsonValue;
import io.divan.query.selector.Selector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The body of a {@code POST _index} request.
 *
 * @param definition {@code index} as sent
 * @param columns the fields of the index
 * @param partialFilter the filter in normal form; empty if all documents belong to the index
 * @param name the name of the index, given or generated
 * @param designDocument the id of the design document; its name is given or generated
 * @param partitioned whether {@code partitioned} is given, with false
 */
public record IndexRequest(
    JsonValue.Obj definition,
    List<SortField> columns,
    JsonValue.Obj partialFilter,
    String name,
    String designDocument,
    boolean partitioned) {

  private static final String DESIGN_PREFIX = "_design/";

  private static final Set<String> OTHER_SERVICES = Set.of("text", "nouveau");

  public IndexRequest {
    columns = List.copyOf(columns);
  }

  /**
   * Reads a request body. Members are checked in CouchDB's order.
   *
   * @throws QueryException if the request is invalid, or asks for an index of texts
   */
  public static IndexRequest read(JsonValue.Obj body) {
    RequestMembers members = new RequestMembers(body);
    JsonValue index = members.takeRequired("index");
    String type = members.take("type").map(IndexRequest::string).orElse("json");
    Optional<String> name = members.take("name").map(IndexRequest::nonEmptyString);
    Optional<String> designDocument = members.take("ddoc").map(IndexRequest::nonEmptyString);
    members.takePositive("w", 2);
    Optional<Boolean> partitioned = members.take("partitioned").map(IndexRequest::partitioned);
    members.end();
    if (OTHER_SERVICES.contains(type)) {
      throw QueryException.unavailable(type);
    }
    if (!type.equals("json")) {
      throw QueryException.badRequest("invalid_index", "Invalid type for index: " + type);
    }
    if (!(index instanceof JsonValue.Obj definition)) {
      throw QueryException.badRequest(
          "invalid_index", "JSON indexes must be an object, not: " + index.toJson());
    }
    RequestMembers defined = new RequestMembers(definition);
    List<SortField> columns = RequestMembers.sortFields(defined.takeRequired("fields"));
    JsonValue.Obj filter =
        defined
            .take("partial_filter_selector")
            .map(FindRequest::selector)
            .map(Selector::normalized)
            .orElseGet(() -> new JsonValue.Obj(Map.of()));
    defined.end();
    if (partitioned.orElse(false)) {
      throw QueryException.badRequest(
          "invalid_design_doc",
          "partitioned option cannot be true in a non-partitioned database.");
    }
    String generated = GeneratedName.of(body);
    return new IndexRequest(
        definition,
        columns,
        filter,
        name.orElse(generated),
        designId(designDocument.orElse(generated)),
        partitioned.isPresent());
  }

  private static String designId(String given) {
    return given.startsWith(DESIGN_PREFIX) ? given : DESIGN_PREFIX + given;
  }

  private static String string(JsonValue json) {
    return json.asString()
        .orElseThrow(
            () -> QueryException.badRequest("invalid_string", "Invalid string: " + json.toJson()));
  }

  private static String nonEmptyString(JsonValue json) {
    String text = string(json);
    if (text.isEmpty()) {
      throw QueryException.badRequest(
          "invalid_empty_string", "Index name or ddoc cannot be empty string");
    }
    return text;
  }

  private static boolean partitioned(JsonValue json) {
    if (json == JsonValue.Literal.TRUE || json == JsonValue.Literal.FALSE) {
      return json == JsonValue.Literal.TRUE;
    }
    throw QueryException.badRequest(
        "invalid_partitioned_value", "Invalid value for partitioned: " + json.toJson());
  }
}

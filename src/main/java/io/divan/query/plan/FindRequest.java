package io.divan.query.plan;

import io.divan.json.JsonValue;
import io.divan.query.selector.Selector;
import io.divan.query.selector.SelectorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The body of a {@code _find} or {@code _explain} request.
 *
 * @param useIndex the design document of the wanted index, and perhaps the index's name, as sent
 * @param bookmark empty for the first page
 * @param sort empty if every order will do
 * @param fields the fields to return; empty for whole documents
 * @param readQuorum {@code r}: how many copies of a document CouchDB would read
 * @param stale whether {@code stale} is {@code ok}
 * @param allowFallback whether another index may be used than {@code useIndex}
 */
public record FindRequest(
    Selector selector,
    List<String> useIndex,
    Optional<String> bookmark,
    long limit,
    long skip,
    List<SortField> sort,
    List<String> fields,
    long readQuorum,
    boolean conflicts,
    boolean stale,
    boolean update,
    boolean stable,
    boolean executionStats,
    boolean allowFallback) {

  /** The bookmark of CouchDB's answers before the first row. */
  public static final String NO_BOOKMARK = "nil";

  public FindRequest {
    useIndex = List.copyOf(useIndex);
    sort = List.copyOf(sort);
    fields = List.copyOf(fields);
  }

  /**
   * Reads a request body. Members are checked in CouchDB's order.
   *
   * @param defaultLimit the limit of a request without one
   * @throws QueryException if the request is invalid
   */
  public static FindRequest read(JsonValue.Obj body, long defaultLimit) {
    RequestMembers members = new RequestMembers(body);
    Selector selector = selector(members.takeRequired("selector"));
    List<String> useIndex =
        members.take("use_index").map(RequestMembers::indexName).orElse(List.of());
    Optional<String> bookmark = members.take("bookmark").flatMap(FindRequest::bookmark);
    long limit = members.takeNonNegative("limit", defaultLimit);
    long skip = members.takeNonNegative("skip", 0);
    List<SortField> sort = members.take("sort").map(RequestMembers::sortFields).orElse(List.of());
    List<String> fields = members.take("fields").map(FindRequest::fields).orElse(List.of());
    boolean partition = members.take("partition").map(FindRequest::isPartition).orElse(false);
    FindRequest request =
        new FindRequest(
            selector,
            useIndex,
            bookmark,
            limit,
            skip,
            sort,
            fields,
            members.takePositive("r", 1),
            members.takeFlag("conflicts", false),
            members.take("stale").map(FindRequest::isStaleOk).orElse(false),
            members.takeFlag("update", true),
            members.takeFlag("stable", false),
            members.takeFlag("execution_stats", false),
            members.takeFlag("allow_fallback", true));
    members.end();
    if (partition) {
      throw QueryException.badRequest(
          "query_parse_error", "`partition` parameter is not supported on this db");
    }
    return request;
  }

  /** Whether the results come in descending order. */
  public boolean descending() {
    return !sort.isEmpty() && sort.getFirst().descending();
  }

  /** The names of the fields to sort by. */
  List<String> sortFields() {
    return sort.stream().map(SortField::name).toList();
  }

  /**
   * Reads a selector.
   *
   * @throws QueryException if it is not a selector, or needs an index of texts
   */
  static Selector selector(JsonValue json) {
    if (!(json instanceof JsonValue.Obj)) {
      throw QueryException.badRequest(
          "invalid_selector_json", "Selector must be a JSON object, not: " + json.toJson());
    }
    try {
      return Selector.of(json);
    } catch (SelectorException.TextSearch e) {
      throw QueryException.unavailable("text");
    } catch (SelectorException e) {
      throw QueryException.badRequest(e.error(), e.reason());
    }
  }

  private static Optional<String> bookmark(JsonValue json) {
    if (json == JsonValue.Literal.NULL) {
      return Optional.empty();
    }
    String bookmark =
        json.asString()
            .orElseThrow(
                () -> QueryException.badRequest(
                    "invalid_bookmark", "Invalid bookmark value: " + json.toJson()));
    return Optional.of(bookmark).filter(b -> !b.isEmpty() && !b.equals(NO_BOOKMARK));
  }

  private static List<String> fields(JsonValue json) {
    if (!(json instanceof JsonValue.Arr(List<JsonValue> elements))) {
      throw QueryException.badRequest(
          "invalid_fields", "Fields must be an array of strings, not: " + json.toJson());
    }
    List<String> fields = new ArrayList<>();
    for (JsonValue element : elements) {
      fields.add(
          element
              .asString()
              .orElseThrow(
                  () -> QueryException.badRequest(
                      "invalid_field", "Invalid JSON for field spec: " + element.toJson())));
    }
    return fields;
  }

  /** Checks the name of a partition. An empty name means all documents. */
  private static boolean isPartition(JsonValue json) {
    String partition =
        json.asString().orElseThrow(() -> illegalPartition("be a string"));
    if (partition.startsWith("_")) {
      throw illegalPartition("not start with an underscore");
    }
    if (partition.contains(":")) {
      throw illegalPartition("not contain a colon");
    }
    return !partition.isEmpty();
  }

  private static QueryException illegalPartition(String must) {
    return QueryException.badRequest("illegal_partition", "Partition must " + must);
  }

  private static boolean isStaleOk(JsonValue json) {
    boolean isFalse =
        json == JsonValue.Literal.FALSE || json.equals(new JsonValue.Str("false"));
    if (!isFalse && !json.equals(new JsonValue.Str("ok"))) {
      throw QueryException.badRequest(
          "invalid_ok_or_false_value", "Invalid value for stale: " + json.toJson());
    }
    return !isFalse;
  }
}

package io.divan.query.plan;

import io.divan.json.JsonValue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The members of a request body, taken one after the other in the order in which CouchDB checks
 * them. Not safe for use by several threads.
 */
final class RequestMembers {
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);

  private final Map<String, JsonValue> left;

  RequestMembers(JsonValue.Obj body) {
    left = new LinkedHashMap<>(body.members());
  }

  Optional<JsonValue> take(String name) {
    return Optional.ofNullable(left.remove(name));
  }

  JsonValue takeRequired(String name) {
    return take(name)
        .orElseThrow(
            () -> QueryException.badRequest(
                "missing_required_key", "Missing required key: " + name));
  }

  /** Takes an integer, at most {@link Long#MAX_VALUE}. */
  long takeNonNegative(String name, long otherwise) {
    JsonValue value = take(name).orElseGet(() -> new JsonValue.Num(Long.toString(otherwise)));
    return integer(
        value, 0, "invalid_non_neg_integer", " is not an integer greater than or equal to zero");
  }

  /** Takes an integer, at most {@link Long#MAX_VALUE}. */
  long takePositive(String name, long otherwise) {
    JsonValue value = take(name).orElseGet(() -> new JsonValue.Num(Long.toString(otherwise)));
    return integer(value, 1, "invalid_pos_integer", " is not an integer greater than zero");
  }

  private static long integer(JsonValue value, long min, String error, String reason) {
    if (value instanceof JsonValue.Num number && number.isInteger()) {
      long integer = new BigInteger(number.text()).min(LONG_MAX).max(BigInteger.TWO.negate())
          .longValue();
      if (integer >= min) {
        return integer;
      }
    }
    throw QueryException.badRequest(error, value.toJson() + reason);
  }

  boolean takeFlag(String name, boolean otherwise) {
    return take(name).map(RequestMembers::flag).orElse(otherwise);
  }

  private static boolean flag(JsonValue value) {
    if (value == JsonValue.Literal.TRUE || value == JsonValue.Literal.FALSE) {
      return value == JsonValue.Literal.TRUE;
    }
    throw QueryException.badRequest(
        "invalid_boolean", "Invalid boolean value: " + value.toJson());
  }

  /** Takes a list of sort fields, or the fields of an index. */
  static List<SortField> sortFields(JsonValue value) {
    if (!(value instanceof JsonValue.Arr(List<JsonValue> elements))) {
      throw QueryException.badRequest(
          "invalid_sort_json", "Sort must be an array of sort specs, not: " + value.toJson());
    }
    List<SortField> fields = new ArrayList<>();
    for (JsonValue element : elements) {
      fields.add(
          SortField.of(element)
              .orElseThrow(
                  () -> QueryException.badRequest(
                      "invalid_sort_field", "Invalid sort field: " + element.toJson())));
    }
    if (fields.stream().map(SortField::descending).distinct().count() > 1) {
      throw QueryException.badRequest(
          "unsupported_mixed_sort",
          "Sorts currently only support a single direction for all fields.");
    }
    return fields;
  }

  /** Reads the name of an index: its design document, and perhaps its own. */
  static List<String> indexName(JsonValue value) {
    Optional<List<String>> name =
        switch (value) {
          case JsonValue.Literal literal when literal == JsonValue.Literal.NULL ->
              Optional.of(List.of());
          case JsonValue.Str(String text) -> {
            List<String> parts = List.of(text.split("/", -1));
            yield Optional.of(
                parts.size() > 1 && parts.getFirst().equals("_design")
                    ? parts.subList(1, parts.size())
                    : parts);
          }
          case JsonValue.Arr(List<JsonValue> parts) when parts.stream().allMatch(
              JsonValue.Str.class::isInstance) ->
              Optional.of(parts.stream().map(part -> part.asString().orElseThrow()).toList());
          default -> Optional.empty();
        };
    return name.filter(parts -> parts.size() <= 2)
        .orElseThrow(
            () -> QueryException.badRequest(
                "invalid_index_name", "Invalid index name: " + value.toJson()));
  }

  /** Fails if a member is left. */
  void end() {
    if (!left.isEmpty()) {
      throw QueryException.badRequest(
          "invalid_key", "Invalid key " + left.keySet().iterator().next() + " for this request.");
    }
  }
}

package io.divan.query.plan;

import io.divan.json.JsonValue;
import java.util.Map;
import java.util.Optional;

/**
 * A field to sort by, or a column of an index.
 *
 * @param name the path of the field
 * @param descending whether the order is descending
 */
public record SortField(String name, boolean descending) {

  /** Reads a field name, or an object of a field name and a direction; empty for all else. */
  static Optional<SortField> of(JsonValue json) {
    if (json instanceof JsonValue.Str(String name) && !name.isEmpty()) {
      return Optional.of(new SortField(name, false));
    }
    if (json instanceof JsonValue.Obj(Map<String, JsonValue> members) && members.size() == 1) {
      Map.Entry<String, JsonValue> member = members.entrySet().iterator().next();
      String direction = member.getValue().asString().orElse("");
      if (direction.equals("asc") || direction.equals("desc")) {
        return Optional.of(new SortField(member.getKey(), direction.equals("desc")));
      }
    }
    return Optional.empty();
  }

  /** The direction as CouchDB writes it. */
  public String direction() {
    return descending ? "desc" : "asc";
  }
}

package io.divan.query.selector;

import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields that a query returns of each document. Safe for use by many threads. */
public final class Projection {
  private final List<FieldPath> paths;
  private final WantedPaths wanted;

  private Projection(List<FieldPath> paths) {
    this.paths = paths.stream().distinct().toList();
    this.wanted = WantedPaths.of(this.paths);
  }

  /**
   * Reads {@code fields}. An empty list selects the whole document.
   *
   * @throws SelectorException if it is not a list of field names
   */
  public static Projection of(JsonValue fields) {
    if (!(fields instanceof JsonValue.Arr(List<JsonValue> elements))) {
      throw new SelectorException(
          "invalid_fields", "Selector error: fields must be JSON array");
    }
    List<FieldPath> paths = new ArrayList<>();
    for (JsonValue element : elements) {
      if (!(element instanceof JsonValue.Str(String text))) {
        JsonBuffer json = new JsonBuffer();
        element.appendTo(json);
        throw new SelectorException("invalid_field", "Invalid JSON for field spec: " + json);
      }
      FieldPath path = FieldPath.parse(text);
      if (path.names().isEmpty()) {
        throw new SelectorException("invalid_field_name", "Invalid field name: ");
      }
      paths.add(path);
    }
    return new Projection(paths);
  }

  /**
   * Selects fields. An empty list selects the whole document.
   *
   * @throws SelectorException if a name is not a path
   */
  public static Projection of(List<String> fields) {
    return of(new JsonValue.Arr(fields.stream().<JsonValue>map(JsonValue.Str::new).toList()));
  }

  /**
   * Returns a document that has these values at these paths, and its id.
   *
   * @param fields the paths
   * @param values the value of each path
   */
  public static JsonValue.Obj document(String id, List<String> fields, List<JsonValue> values) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("_id", new JsonValue.Str(id));
    for (int i = 0; i < fields.size(); i++) {
      put(members, FieldPath.parse(fields.get(i)).names(), values.get(i));
    }
    return new JsonValue.Obj(members);
  }

  /**
   * Copies the selected fields that exist, at their paths. Parses nothing else.
   *
   * @param document a document in canonical form
   */
  public byte[] apply(byte[] document) {
    if (paths.isEmpty()) {
      return document;
    }
    Subject found = DocumentScan.of(document, wanted);
    Map<String, JsonValue> some = new LinkedHashMap<>();
    for (int i = 0; i < paths.size(); i++) {
      FieldPath path = paths.get(i);
      if (found.find(path, i) instanceof FieldPath.Found.Value(JsonValue value)) {
        put(some, path.names(), value);
      }
    }
    JsonBuffer out = new JsonBuffer();
    new JsonValue.Obj(some).appendTo(out);
    return out.toBytes();
  }

  private static void put(Map<String, JsonValue> members, List<String> names, JsonValue value) {
    String name = names.getFirst();
    if (names.size() == 1) {
      members.put(name, value);
      return;
    }
    Map<String, JsonValue> inner =
        members.get(name) instanceof JsonValue.Obj(Map<String, JsonValue> known)
            ? new LinkedHashMap<>(known)
            : new LinkedHashMap<>();
    put(inner, names.subList(1, names.size()), value);
    members.put(name, new JsonValue.Obj(inner));
  }
}

package io.divan.query.plan;

import io.divan.json.JsonOrder;
import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An index of a database, as a design document of the language {@code query} defines it.
 *
 * @param designDocument the id of the design document; empty for {@code _all_docs}
 * @param name the name of the view
 * @param columns the paths of the indexed fields. Their directions have no effect: an index is read
 *     in both.
 * @param partialFilter the selector of the documents in the index, as it is stored; empty if all
 *     are. It may be invalid: then the index has no documents.
 * @param shown the definition as {@code _index} and {@code _explain} show it
 */
public record IndexDefinition(
    Optional<String> designDocument,
    String name,
    List<String> columns,
    Optional<JsonValue> partialFilter,
    JsonValue.Obj shown) {

  /** The order of CouchDB's lists: by design document and name; {@code _all_docs} is first. */
  public static final Comparator<IndexDefinition> BY_NAME =
      Comparator.comparing(
          (IndexDefinition index) -> index.designDocument().orElse(""),
          JsonOrder::compareCodePoints)
          .thenComparing(IndexDefinition::name, JsonOrder::compareCodePoints);

  private static final String FIELDS = "fields";
  private static final String PARTIAL_FILTER = "partial_filter_selector";

  /** The name of the partial filter in old design documents. */
  private static final String OLD_PARTIAL_FILTER = "selector";

  /** The list of all documents, which every database has. */
  public static final IndexDefinition ALL_DOCS =
      of(
          Optional.empty(),
          "_all_docs",
          object(FIELDS, JsonValue.Literal.NULL),
          object("_id", new JsonValue.Str("asc")));

  public IndexDefinition {
    columns = List.copyOf(columns);
  }

  /**
   * Reads the indexes that a design document defines. A view that is not an index is left out, as
   * is an index without {@code fields}, which breaks all queries of CouchDB.
   *
   * @param id the id of the design document
   */
  public static List<IndexDefinition> ofDesignDocument(String id, JsonValue.Obj body) {
    List<IndexDefinition> indexes = new ArrayList<>();
    if (new JsonValue.Str("query").equals(body.members().get("language"))
        && body.members().get("views") instanceof JsonValue.Obj views) {
      views
          .members()
          .forEach(
              (name, view) -> {
                if (view instanceof JsonValue.Obj(Map<String, JsonValue> members)
                    && members.get("options") instanceof JsonValue.Obj
                    && members.get("map") instanceof JsonValue.Obj map
                    && map.members().get(FIELDS) instanceof JsonValue.Obj fields) {
                  indexes.add(of(Optional.of(id), name, map, fields));
                }
              });
    }
    return indexes;
  }

  /**
   * Creates an index.
   *
   * @param map the definition as design documents store it
   * @param fields its member {@code fields}: names and directions
   */
  private static IndexDefinition of(
      Optional<String> designDocument, String name, JsonValue.Obj map, JsonValue.Obj fields) {
    Map<String, JsonValue> shown = new LinkedHashMap<>(map.members());
    List<JsonValue> columns = new ArrayList<>();
    fields.members().forEach((field, direction) -> columns.add(object(field, direction)));
    shown.put(FIELDS, new JsonValue.Arr(columns));
    Optional<JsonValue> filter = filter(map, PARTIAL_FILTER);
    if (filter.isEmpty()) {
      shown.remove(PARTIAL_FILTER);
    }
    return new IndexDefinition(
        designDocument,
        name,
        List.copyOf(fields.members().keySet()),
        filter.or(() -> filter(map, OLD_PARTIAL_FILTER)),
        new JsonValue.Obj(shown));
  }

  /** A selector; empty if it is absent or empty. */
  private static Optional<JsonValue> filter(JsonValue.Obj map, String name) {
    return Optional.ofNullable(map.members().get(name))
        .filter(selector -> !selector.equals(new JsonValue.Obj(Map.of())));
  }

  private static JsonValue.Obj object(String name, JsonValue value) {
    return new JsonValue.Obj(Map.of(name, value));
  }

  /** Whether this is {@code _all_docs}. */
  public boolean isAllDocs() {
    return designDocument.isEmpty();
  }

  /** The index as {@code _index} and {@code _explain} show it. */
  public JsonValue.Obj toJson() {
    Map<String, JsonValue> json = new LinkedHashMap<>();
    json.put(
        "ddoc",
        designDocument.<JsonValue>map(JsonValue.Str::new).orElse(JsonValue.Literal.NULL));
    json.put("name", new JsonValue.Str(name));
    json.put("type", new JsonValue.Str(isAllDocs() ? "special" : "json"));
    if (!isAllDocs()) {
      json.put("partitioned", JsonValue.Literal.FALSE);
    }
    json.put("def", shown);
    return new JsonValue.Obj(json);
  }
}

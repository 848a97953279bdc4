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
 * @param columns the indexed fields
 * @param partialFilter the selector of the documents in the index, in normal form; empty if all are
 */
public record IndexDefinition(
    Optional<String> designDocument,
    String name,
    List<Column> columns,
    Optional<JsonValue.Obj> partialFilter) {

  /** The order of CouchDB's lists: by design document and name; {@code _all_docs} is first. */
  public static final Comparator<IndexDefinition> BY_NAME =
      Comparator.comparing(
          (IndexDefinition index) -> index.designDocument().orElse(""),
          JsonOrder::compareCodePoints)
          .thenComparing(IndexDefinition::name, JsonOrder::compareCodePoints);

  /** The list of all documents, which every database has. */
  public static final IndexDefinition ALL_DOCS =
      new IndexDefinition(
          Optional.empty(), "_all_docs", List.of(new Column("_id", "asc")), Optional.empty());

  /**
   * An indexed field.
   *
   * @param field the path of the field
   * @param direction the direction of its definition. It has no effect: an index is read in both.
   */
  public record Column(String field, String direction) {}

  public IndexDefinition {
    columns = List.copyOf(columns);
  }

  /** Whether this is {@code _all_docs}. */
  public boolean isAllDocs() {
    return designDocument.isEmpty();
  }

  /** The names of the indexed fields. */
  public List<String> fields() {
    return columns.stream().map(Column::field).toList();
  }

  /** The definition as {@code _index} and {@code _explain} show it. */
  public JsonValue.Obj toJson() {
    List<JsonValue> shown = new ArrayList<>();
    for (Column column : columns) {
      shown.add(new JsonValue.Obj(Map.of(column.field(), new JsonValue.Str(column.direction()))));
    }
    Map<String, JsonValue> definition = new LinkedHashMap<>();
    definition.put("fields", new JsonValue.Arr(shown));
    partialFilter.ifPresent(filter -> definition.put("partial_filter_selector", filter));
    Map<String, JsonValue> json = new LinkedHashMap<>();
    json.put(
        "ddoc",
        designDocument.<JsonValue>map(JsonValue.Str::new).orElse(JsonValue.Literal.NULL));
    json.put("name", new JsonValue.Str(name));
    json.put("type", new JsonValue.Str(isAllDocs() ? "special" : "json"));
    if (!isAllDocs()) {
      json.put("partitioned", JsonValue.Literal.FALSE);
    }
    json.put("def", new JsonValue.Obj(definition));
    return new JsonValue.Obj(json);
  }
}

package io.divan.query.design;

import io.divan.document.Database;
import io.divan.document.DocumentException;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentLimits;
import io.divan.document.DocumentParser;
import io.divan.document.FoundDocument;
import io.divan.document.ReadOptions;
import io.divan.document.UpdateResult;
import io.divan.document.revision.Revision;
import io.divan.json.Json;
import io.divan.json.JsonValue;
import io.divan.query.index.DatabaseIndexes;
import io.divan.query.plan.IndexDefinition;
import io.divan.query.plan.IndexRequest;
import io.divan.query.plan.QueryException;
import io.divan.query.plan.SortField;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/**
 * The indexes that the design documents of a database define. Creates and deletes them by editing
 * design documents, which is what needs permission.
 */
public final class IndexDesigns {
  private static final int ATTEMPTS_MAX = 10;
  private static final String VIEWS = "views";
  private static final String LANGUAGE = "language";
  private static final String OPTIONS = "options";
  private static final String PARTITIONED = "partitioned";
  private static final JsonValue QUERY = new JsonValue.Str("query");

  private final Database database;
  private final DocumentLimits limits;

  /**
   * A design document while it is edited.
   *
   * @param members all members as they are read, {@code _id} and {@code _rev} included
   * @param isNew whether it is not stored, or deleted
   */
  private record Design(Map<String, JsonValue> members, boolean isNew) {}

  /** The indexes of a database, edited on behalf of the database's principal. */
  public IndexDesigns(Database database, DocumentLimits limits) {
    this.database = database;
    this.limits = limits;
  }

  /** All indexes but {@code _all_docs}, sorted by design document and name. */
  public List<IndexDefinition> list() {
    return database.settings().derived(DatabaseIndexes.VALUE).definitions();
  }

  /**
   * Adds an index to a design document, or replaces the one with that name.
   *
   * @return whether the design document changed
   */
  public boolean create(IndexRequest request) {
    String id = limits.checkId(request.designDocument());
    return edit(id, design -> withIndex(design, request));
  }

  /**
   * Deletes an index.
   *
   * @return false if it does not exist
   */
  public boolean delete(String designDocument, String name) {
    return list().stream()
        .anyMatch(i -> i.designDocument().equals(Optional.of(designDocument))
            && i.name().equals(name))
        && edit(designDocument, design -> without(design, List.of(name)));
  }

  /**
   * Deletes all indexes of a design document.
   *
   * @return false if it has none
   */
  public boolean deleteAll(String designDocument) {
    List<String> names =
        list().stream()
            .filter(i -> i.designDocument().equals(Optional.of(designDocument)))
            .map(IndexDefinition::name)
            .toList();
    return !names.isEmpty() && edit(designDocument, design -> without(design, names));
  }

  /** Changes a design document, and again if another edit comes between. */
  private boolean edit(String id, UnaryOperator<Design> change) {
    for (int attempt = 1;; attempt++) {
      Design before = read(id);
      Design after = change.apply(before);
      if (json(after).equals(json(before))) {
        return false;
      }
      UpdateResult result = write(id, after);
      if (attempt < ATTEMPTS_MAX
          && result instanceof UpdateResult.Refused(String refused, DocumentException reason)
          && reason instanceof DocumentException.Conflict) {
        continue;
      }
      result.orThrow();
      return true;
    }
  }

  private Design read(String id) {
    try {
      FoundDocument found = database.get(id, false, ReadOptions.NONE);
      Map<String, JsonValue> members = ((JsonValue.Obj) JsonValue.read(found.json())).members();
      return new Design(members, false);
    } catch (DocumentException.NotFound e) {
      return new Design(Map.of(LANGUAGE, QUERY), true);
    }
  }

  private UpdateResult write(String id, Design design) {
    Map<String, JsonValue> members = new LinkedHashMap<>(design.members());
    Optional<Revision> revision =
        Optional.ofNullable(members.remove("_rev"))
            .flatMap(JsonValue::asString)
            .flatMap(Revision::parse);
    members.remove("_id");
    if (members.equals(Map.of(LANGUAGE, QUERY))) {
      return database.update(List.of(DocumentInput.deletion(id, revision))).getFirst();
    }
    byte[] json = json(design).getBytes(StandardCharsets.UTF_8);
    try (JsonParser parser = Json.parser(json)) {
      parser.nextToken();
      DocumentInput input = new DocumentParser(limits, id).parse(parser).withId(id);
      return database.update(List.of(input)).getFirst();
    }
  }

  private static Design withIndex(Design design, IndexRequest request) {
    JsonValue language = design.members().get(LANGUAGE);
    if (!QUERY.equals(language)) {
      throw QueryException.badRequest(
          "invalid_ddoc_lang",
          "Existing design doc has an invalid language: "
              + (language == null ? "false" : language.toJson()));
    }
    Map<String, JsonValue> members = new LinkedHashMap<>(design.members());
    Map<String, JsonValue> views = new LinkedHashMap<>(object(members.get(VIEWS)));
    views.put(request.name(), view(request));
    members.put(VIEWS, new JsonValue.Obj(views));
    boolean known = object(members.get(OPTIONS)).containsKey(PARTITIONED);
    boolean same =
        known
            ? request.partitioned()
                && object(members.get(OPTIONS)).get(PARTITIONED) == JsonValue.Literal.FALSE
            : !request.partitioned();
    if (!same) {
      if (!design.isNew()) {
        throw QueryException.badRequest(
            "invalid_partitioned_option",
            "Requested partitioned option does not match existing value on design document "
                + request.designDocument());
      }
      members.put(OPTIONS, new JsonValue.Obj(Map.of(PARTITIONED, JsonValue.Literal.FALSE)));
    }
    return new Design(members, design.isNew());
  }

  private static JsonValue view(IndexRequest request) {
    Map<String, JsonValue> fields = new LinkedHashMap<>();
    for (SortField column : request.columns()) {
      fields.put(column.name(), new JsonValue.Str(column.direction()));
    }
    Map<String, JsonValue> map = new LinkedHashMap<>();
    map.put("fields", new JsonValue.Obj(fields));
    map.put("partial_filter_selector", request.partialFilter());
    Map<String, JsonValue> view = new LinkedHashMap<>();
    view.put("map", new JsonValue.Obj(map));
    view.put("reduce", new JsonValue.Str("_count"));
    view.put(OPTIONS, new JsonValue.Obj(Map.of("def", request.definition())));
    return new JsonValue.Obj(view);
  }

  private static Design without(Design design, List<String> names) {
    Map<String, JsonValue> members = new LinkedHashMap<>(design.members());
    Map<String, JsonValue> views = new LinkedHashMap<>(object(members.get(VIEWS)));
    views.keySet().removeAll(names);
    if (views.isEmpty()) {
      members.remove(VIEWS);
    } else {
      members.put(VIEWS, new JsonValue.Obj(views));
    }
    return new Design(members, design.isNew());
  }

  private static Map<String, JsonValue> object(@Nullable JsonValue value) {
    return value instanceof JsonValue.Obj(Map<String, JsonValue> members) ? members : Map.of();
  }

  private static String json(Design design) {
    return new JsonValue.Obj(design.members()).toJson();
  }

  /** The id of a design document that is given with or without its prefix. */
  public static String designId(String given) {
    return given.startsWith(DocumentIds.DESIGN_PREFIX)
        ? given
        : DocumentIds.DESIGN_PREFIX + given;
  }
}

package io.divan.document;

import io.divan.document.revision.Revision;
import io.divan.json.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The form of design documents: the types of the members that have a meaning. CouchDB refuses
 * others with these words, also when they are replicated. The texts of functions are not compiled.
 */
final class DesignDocumentForm {

  /** The check that edits of design documents have the form. */
  static final EditCheck CHECK =
      new EditCheck() {
        @Override
        public boolean needsOld(String id) {
          return false;
        }

        @Override
        public void check(
            DocumentInput edit,
            Optional<Revision> base,
            Supplier<Optional<DocumentVersion>> old) {
          if (DocumentIds.isDesign(edit.requireId())) {
            require(edit.body());
          }
        }
      };

  /** A type that a member must have, with CouchDB's name. */
  private enum Type {
    STRING("string", JsonValue.Str.class::isInstance),
    OBJECT("object", JsonValue.Obj.class::isInstance),
    BOOLEAN(
        "boolean",
        value -> value == JsonValue.Literal.TRUE || value == JsonValue.Literal.FALSE),
    STRING_OR_ARRAY(
        "array or string", value -> STRING.has(value) || value instanceof JsonValue.Arr),
    OBJECT_OR_STRING("string or object", value -> OBJECT.has(value) || STRING.has(value));

    private final String text;
    private final Predicate<JsonValue> test;

    Type(String text, Predicate<JsonValue> test) {
      this.text = text;
      this.test = test;
    }

    boolean has(JsonValue value) {
      return test.test(value);
    }
  }

  private static final String LANGUAGE = "language";
  private static final String OPTIONS = "options";
  private static final String REWRITES = "rewrites";
  private static final String VALIDATE = "validate_doc_update";
  private static final String VIEWS = "views";
  private static final String LIB = "lib";
  private static final String MAP = "map";
  private static final String REDUCE = "reduce";
  private static final String PARTITIONED = "partitioned";

  /** Objects of functions. */
  private static final List<String> FUNCTIONS = List.of("filters", "lists", "shows", "updates");

  private static final List<String> FLAGS =
      List.of("include_design", "local_seq", PARTITIONED);

  private static final Set<String> MEMBERS =
      Set.of(
          "filters", "lists", "shows", "updates", LANGUAGE, OPTIONS, REWRITES, VALIDATE, VIEWS);

  /** The beginnings of the names of built-in reduce functions. */
  private static final List<String> REDUCES =
      List.of("_sum", "_count", "_stats", "_approx_count_distinct", "_first", "_last");

  /** The reduce functions of the greatest and least values, which end with their number. */
  private static final List<String> RANKS = List.of("_top_", "_bottom_");

  private static final int RANK_MAX = 100;

  private final Map<String, JsonValue> members;
  private final boolean query;

  private DesignDocumentForm(Map<String, JsonValue> members) {
    this.members = members;
    this.query = new JsonValue.Str("query").equals(members.get(LANGUAGE));
  }

  /**
   * Refuses a design document that has not the form.
   *
   * @param body a JSON object
   * @throws DocumentException.BadRequest with the error {@code invalid_design_doc}
   */
  static void require(byte[] body) {
    if (JsonValue.read(body,
        MEMBERS::contains) instanceof JsonValue.Obj(Map<String, JsonValue> members)) {
      new DesignDocumentForm(members).require();
    }
  }

  private void require() {
    FUNCTIONS.forEach(this::requireFunctions);
    requireType(LANGUAGE, Type.STRING);
    Map<String, JsonValue> options = requireObject(OPTIONS);
    FLAGS.forEach(flag -> requireType(OPTIONS + "." + flag, options.get(flag), Type.BOOLEAN));
    requireType(REWRITES, Type.STRING_OR_ARRAY);
    requireType(VALIDATE, Type.STRING);
    Map<String, JsonValue> views = requireObject(VIEWS);
    requireType(VIEWS + "." + LIB, views.get(LIB), Type.OBJECT);
    Type map = query ? Type.OBJECT : Type.STRING;
    views.forEach((name, view) -> requireType(VIEWS + "." + name, view, Type.OBJECT));
    views.forEach((name, view) -> requirePart(name, view, MAP, map));
    views.forEach((name, view) -> requirePart(name, view, REDUCE, Type.STRING));
    views.forEach((name, view) -> requirePart(name, view, OPTIONS, Type.OBJECT));
    views.forEach(DesignDocumentForm::requireMap);
    if (options.get(PARTITIONED) == JsonValue.Literal.TRUE) {
      throw invalid("partitioned option cannot be true in a non-partitioned database.");
    }
    views.values().forEach(this::requireReduce);
  }

  private void requireFunctions(String name) {
    requireObject(name)
        .forEach(
            (function, value) -> requireType(
                name + "." + function, value, Type.OBJECT_OR_STRING));
  }

  private static Optional<JsonValue> part(JsonValue view, String part) {
    return Optional.ofNullable(((JsonValue.Obj) view).members().get(part));
  }

  private static void requirePart(String name, JsonValue view, String part, Type type) {
    part(view, part)
        .ifPresent(value -> requireType(VIEWS + "." + name + "." + part, value, type));
  }

  private static void requireMap(String name, JsonValue view) {
    if (!name.equals(LIB) && part(view, MAP).isEmpty()) {
      throw invalid("View `" + name + "` must contain map function");
    }
  }

  /** Refuses unknown built-in functions, in the languages that the service knows. */
  private void requireReduce(JsonValue view) {
    JsonValue language = members.get(LANGUAGE);
    boolean known =
        query || language == null || new JsonValue.Str("javascript").equals(language);
    if (known
        && part(view, MAP).isPresent()
        && part(view, REDUCE).orElse(null) instanceof JsonValue.Str(String reduce)
        && reduce.startsWith("_")) {
      requireBuiltIn(reduce);
    }
  }

  private static void requireBuiltIn(String reduce) {
    for (String rank : RANKS) {
      if (reduce.startsWith(rank)) {
        requireRank(reduce.substring(rank.length()));
        return;
      }
    }
    if (REDUCES.stream().noneMatch(reduce::startsWith)) {
      throw invalid("`" + reduce + "` is not a supported reduce function.");
    }
  }

  private static void requireRank(String rank) {
    if (!rank.matches("[+-]?[0-9]{1,9}")) {
      throw invalid("invalid rank reducer");
    }
    int number = Integer.parseInt(rank);
    if (number < 1 || number > RANK_MAX) {
      throw invalid("rank value must be between 1 and " + RANK_MAX);
    }
  }

  private Map<String, JsonValue> requireObject(String name) {
    requireType(name, Type.OBJECT);
    return members.get(name) instanceof JsonValue.Obj(Map<String, JsonValue> object)
        ? object
        : Map.of();
  }

  private void requireType(String name, Type type) {
    requireType(name, members.get(name), type);
  }

  private static void requireType(String path, @Nullable JsonValue value, Type type) {
    if (value != null && !type.has(value)) {
      throw invalid("`" + path + "` field must have " + type.text + " type");
    }
  }

  private static DocumentException invalid(String reason) {
    return new DocumentException.BadRequest("invalid_design_doc", reason);
  }
}

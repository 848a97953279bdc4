package io.divan.query.plan;

import io.divan.json.JsonOrder;
import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The answer to an {@code _explain} request. */
public final class Explanation {
  private static final JsonValue HIGHEST = text("<MAX>");

  private Explanation() {}

  /** Writes a plan as CouchDB's {@code _explain} shows it. */
  public static JsonValue.Obj of(String database, Plan plan) {
    FindRequest request = plan.request();
    Map<String, JsonValue> json = new LinkedHashMap<>();
    json.put("dbname", text(database));
    json.put(
        "index",
        plan.index()
            .<JsonValue>map(IndexDefinition::toJson)
            .orElse(JsonValue.Literal.NULL));
    json.put("partitioned", JsonValue.Literal.FALSE);
    json.put("selector", request.selector().normalized());
    json.put("opts", options(request));
    json.put("limit", number(request.limit()));
    json.put("skip", number(request.skip()));
    json.put("fields", texts(request.fields()));
    json.put(
        "index_candidates",
        new JsonValue.Arr(plan.candidates().stream().map(Explanation::candidate).toList()));
    json.put("selector_hints", new JsonValue.Arr(List.of(hint(request))));
    plan.index()
        .ifPresent(
            index -> {
              json.put("mrargs", readArguments(plan, index));
              json.put("covering", flag(plan.covering()));
            });
    return new JsonValue.Obj(json);
  }

  private static JsonValue options(FindRequest request) {
    Map<String, JsonValue> sort = new LinkedHashMap<>();
    request.sort().forEach(field -> sort.put(field.name(), text(field.direction())));
    Map<String, JsonValue> json = new LinkedHashMap<>();
    json.put("use_index", texts(request.useIndex()));
    json.put("bookmark", text(request.bookmark().orElse(FindRequest.NO_BOOKMARK)));
    json.put("limit", number(request.limit()));
    json.put("skip", number(request.skip()));
    json.put("sort", new JsonValue.Obj(sort));
    json.put("fields", texts(request.fields()));
    json.put("partition", text(""));
    json.put("r", number(request.readQuorum()));
    json.put("conflicts", flag(request.conflicts()));
    json.put("stale", request.stale() ? text("ok") : JsonValue.Literal.FALSE);
    json.put("update", flag(request.update()));
    json.put("stable", flag(request.stable()));
    json.put("execution_stats", flag(request.executionStats()));
    json.put("allow_fallback", flag(request.allowFallback()));
    return new JsonValue.Obj(json);
  }

  private static JsonValue candidate(Candidate candidate) {
    Map<String, JsonValue> analysis = new LinkedHashMap<>();
    analysis.put("usable", flag(candidate.usable()));
    analysis.put(
        "reasons",
        new JsonValue.Arr(
            List.of(new JsonValue.Obj(Map.of("name", text(candidate.reason()))))));
    analysis.put("ranking", number(candidate.ranking()));
    analysis.put(
        "covering",
        candidate.index().isAllDocs() ? JsonValue.Literal.NULL : flag(candidate.covering()));
    Map<String, JsonValue> json = new LinkedHashMap<>();
    json.put("index", candidate.index().toJson());
    json.put("analysis", new JsonValue.Obj(analysis));
    return new JsonValue.Obj(json);
  }

  private static JsonValue hint(FindRequest request) {
    JsonValue.Obj selector = request.selector().normalized();
    Set<String> indexable = new TreeSet<>(JsonOrder::compareCodePoints);
    for (String field : SelectorFields.indexable(selector)) {
      int type = field.indexOf(':'); // CouchDB takes what follows for the type of a text index
      indexable.add(type < 0 ? field : field.substring(0, type));
    }
    Set<String> others = new TreeSet<>(JsonOrder::compareCodePoints);
    others.addAll(SelectorFields.all(selector));
    others.removeAll(indexable);
    Map<String, JsonValue> json = new LinkedHashMap<>();
    json.put("type", text("json"));
    json.put("indexable_fields", texts(indexable));
    json.put("unindexable_fields", texts(others));
    return new JsonValue.Obj(json);
  }

  /** The arguments with which CouchDB reads the index. */
  private static JsonValue readArguments(Plan plan, IndexDefinition index) {
    FindRequest request = plan.request();
    JsonValue start = plan.empty() ? JsonValue.Literal.NULL : startKey(plan, index);
    JsonValue end = plan.empty() ? JsonValue.Literal.NULL : endKey(plan, index);
    Map<String, JsonValue> json = new LinkedHashMap<>();
    json.put("include_docs", flag(request.readQuorum() == 1 && !plan.covering()));
    json.put("view_type", text("map"));
    json.put("reduce", JsonValue.Literal.FALSE);
    json.put("partition", JsonValue.Literal.NULL);
    json.put("start_key", request.descending() ? end : start);
    json.put("end_key", request.descending() ? start : end);
    json.put("direction", text(request.descending() ? "rev" : "fwd"));
    json.put("stable", flag(request.stable() || request.stale()));
    json.put("update", flag(request.update() && !request.stale()));
    json.put("conflicts", request.conflicts() ? JsonValue.Literal.TRUE : text("undefined"));
    return new JsonValue.Obj(json);
  }

  private static JsonValue startKey(Plan plan, IndexDefinition index) {
    List<JsonValue> key = new ArrayList<>();
    for (FieldRange range : plan.ranges()) {
      JsonValue low = range.low();
      if (low == null) {
        break;
      }
      key.add(low);
    }
    if (index.isAllDocs()) {
      return key.isEmpty() ? JsonValue.Literal.NULL : key.getFirst();
    }
    return new JsonValue.Arr(key);
  }

  private static JsonValue endKey(Plan plan, IndexDefinition index) {
    List<JsonValue> key = new ArrayList<>();
    for (FieldRange range : plan.ranges()) {
      JsonValue high = range.high();
      if (high == null) {
        break;
      }
      key.add(high);
    }
    key.add(HIGHEST);
    return index.isAllDocs() ? key.getFirst() : new JsonValue.Arr(key);
  }

  private static JsonValue text(String text) {
    return new JsonValue.Str(text);
  }

  private static JsonValue texts(Collection<String> texts) {
    return new JsonValue.Arr(texts.stream().map(Explanation::text).toList());
  }

  private static JsonValue number(long number) {
    return new JsonValue.Num(Long.toString(number));
  }

  private static JsonValue flag(boolean flag) {
    return flag ? JsonValue.Literal.TRUE : JsonValue.Literal.FALSE;
  }
}

package io.divan.query.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares plans with the answers of CouchDB 3.5.2.
 *
 * <p>{@code plans.jsonl} has sets of indexes, the options of an {@code _explain} answer without
 * any, and requests: {@code _explain} requests with {@code explained}, where options are left out
 * that have their defaults, and {@code _find} requests with {@code warnings} and {@code empty}.
 * Refused requests have {@code error} and {@code reason}. Candidates are written as index, usable,
 * reason, ranking, covering.
 */
class PlannerTest {
  private static final Path FILE = Path.of("src", "test", "resources", "mango", "plans.jsonl");
  private static final long DEFAULT_LIMIT = 25;
  private static final String EXPLAINED = "explained";

  private static final Map<String, List<IndexDefinition>> SETS = new HashMap<>();
  private static Map<String, JsonValue> options = Map.of();

  static Stream<Map<String, JsonValue>> requests() throws IOException {
    List<Map<String, JsonValue>> requests = new ArrayList<>();
    for (String line : Files.readAllLines(FILE)) {
      Map<String, JsonValue> json = members(read(line));
      if (json.containsKey("indexes")) {
        List<IndexDefinition> set =
            elements(json.get("indexes")).stream().map(PlannerTest::definition).toList();
        SETS.put(json.get("set").toJson(), set);
      } else if (json.containsKey("options")) {
        options = members(json.get("options"));
      } else {
        requests.add(json);
      }
    }
    return requests.stream();
  }

  @ParameterizedTest
  @MethodSource("requests")
  void plan_request_asCouchDb(Map<String, JsonValue> line) {
    List<IndexDefinition> set = SETS.get(line.get("set").toJson());
    if (line.containsKey("error")) {
      assertThatThrownBy(() -> Planner.find(indexes(set), request(line)))
          .isInstanceOfSatisfying(
              QueryException.class,
              refused -> {
                assertThat(refused.error()).isEqualTo(text(line.get("error")));
                assertThat(shortened(refused.reason()))
                    .isEqualTo(shortened(text(line.get("reason"))));
              });
    } else if (line.containsKey(EXPLAINED)) {
      Plan plan = Planner.explain(indexes(set), request(line));
      Map<String, JsonValue> explained = new LinkedHashMap<>();
      explained.put("dbname", new JsonValue.Str("db"));
      members(line.get(EXPLAINED)).forEach((name, v) -> explained.put(name, whole(name, v, set)));
      Map<String, JsonValue> ours = new LinkedHashMap<>(members(Explanation.of("db", plan)));
      assertThat(ours.remove("partitioned")).isEqualTo(JsonValue.Literal.FALSE);
      assertThat(new JsonValue.Obj(ours).toJson()).isEqualTo(json(explained));
    } else {
      Plan plan = Planner.find(indexes(set), request(line));
      assertThat(plan.empty()).isEqualTo(line.get("empty") == JsonValue.Literal.TRUE);
      if (!plan.empty()) {
        assertThat(plan.warnings())
            .isEqualTo(elements(line.get("warnings")).stream().map(PlannerTest::text).toList());
      }
    }
  }

  @Test
  void requests_all_manyOfEachKind() throws IOException {
    List<Map<String, JsonValue>> all = requests().toList();

    assertThat(all.stream().filter(line -> line.containsKey(EXPLAINED)).count()).isGreaterThan(250);
    assertThat(all.stream().filter(line -> line.containsKey("warnings")).count())
        .isGreaterThan(250);
    assertThat(all.stream().filter(line -> line.containsKey("error")).count()).isGreaterThan(200);
  }

  /** Leaves out the argument, which CouchDB shows as an Erlang term. */
  private static String shortened(String reason) {
    return reason.replaceFirst("^(Invalid index name): .*", "$1");
  }

  private static FindRequest request(Map<String, JsonValue> line) {
    long limit =
        line.containsKey("limit") ? Long.parseLong(line.get("limit").toJson()) : DEFAULT_LIMIT;
    return FindRequest.read((JsonValue.Obj) line.get("request"), limit);
  }

  private static List<IndexDefinition> indexes(List<IndexDefinition> set) {
    return set.stream().filter(index -> !index.isAllDocs()).toList();
  }

  /** The member of an answer that is shortened in the file. */
  private static JsonValue whole(String name, JsonValue value, List<IndexDefinition> set) {
    return switch (name) {
      case "index" ->
          value == JsonValue.Literal.NULL
              ? value
              : set.get(Integer.parseInt(value.toJson())).toJson();
      case "opts" -> {
        Map<String, JsonValue> all = new LinkedHashMap<>(options);
        all.putAll(members(value));
        yield new JsonValue.Obj(all);
      }
      case "index_candidates" ->
          new JsonValue.Arr(
              text(value).isEmpty()
                  ? List.of()
                  : Stream.of(text(value).split("; ")).map(c -> candidate(c, set)).toList());
      default -> value;
    };
  }

  private static JsonValue candidate(String shortened, List<IndexDefinition> set) {
    String[] parts = shortened.split(" ");
    String analysis =
        "{\"usable\":%s,\"reasons\":[{\"name\":\"%s\"}],\"ranking\":%s,\"covering\":%s}";
    return read(
        ("{\"index\":%s,\"analysis\":" + analysis + "}")
            .formatted(
                set.get(Integer.parseInt(parts[0])).toJson().toJson(),
                parts[1],
                parts[2],
                parts[3],
                parts[4]));
  }

  private static IndexDefinition definition(JsonValue shown) {
    Map<String, JsonValue> members = members(shown);
    if (members.get("ddoc") == JsonValue.Literal.NULL) {
      assertThat(IndexDefinition.ALL_DOCS.toJson().toJson()).isEqualTo(shown.toJson());
      return IndexDefinition.ALL_DOCS;
    }
    Map<String, JsonValue> map = new LinkedHashMap<>(members(members.get("def")));
    Map<String, JsonValue> fields = new LinkedHashMap<>();
    elements(map.get("fields")).forEach(column -> fields.putAll(members(column)));
    map.put("fields", new JsonValue.Obj(fields));
    JsonValue.Obj view =
        new JsonValue.Obj(
            Map.of("map", new JsonValue.Obj(map), "options", new JsonValue.Obj(Map.of())));
    JsonValue.Obj document =
        new JsonValue.Obj(
            Map.of(
                "language",
                new JsonValue.Str("query"),
                "views",
                new JsonValue.Obj(Map.of(text(members.get("name")), view))));
    List<IndexDefinition> indexes =
        IndexDefinition.ofDesignDocument(text(members.get("ddoc")), document);
    assertThat(indexes).hasSize(1);
    assertThat(indexes.getFirst().toJson().toJson()).isEqualTo(shown.toJson());
    return indexes.getFirst();
  }

  private static String json(Map<String, JsonValue> members) {
    return new JsonValue.Obj(members).toJson();
  }

  private static Map<String, JsonValue> members(JsonValue value) {
    return ((JsonValue.Obj) value).members();
  }

  private static List<JsonValue> elements(JsonValue value) {
    return ((JsonValue.Arr) value).elements();
  }

  private static String text(JsonValue value) {
    return ((JsonValue.Str) value).text();
  }

  private static JsonValue read(String json) {
    return JsonValue.read(json.getBytes(StandardCharsets.UTF_8));
  }
}

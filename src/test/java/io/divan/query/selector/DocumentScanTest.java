package io.divan.query.selector;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.json.JsonValue;
import io.divan.storage.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Compares lookups in the bytes of documents with lookups in parsed documents. */
class DocumentScanTest {
  private static final long SEED = Seeds.seed(11);
  private static final int ROUNDS = Integer.getInteger("divan.scan.rounds", 10_000);
  private static final List<String> NAMES =
      List.of("a", "b", "c", "0", "1", "x.y", "é", "\"q\"", "tab\t", "\\", "\uD83D\uDE00", "");
  private static final List<String> SCALARS =
      List.of(
          "null", "true", "false", "0", "-1.5e3", "\"\"", "\"text\"", "\"{\\\"a\\\":1}\"",
          "\"back\\\\\"", "\"\\u0001]}\"", "\"日本\"", "[]", "{}", "12345678901234567890");

  private final Random random = new Random(SEED);

  @Test
  void find_randomPaths_asInTheParsedDocument() {
    for (int round = 0; round < ROUNDS; round++) {
      JsonValue document = object(4);
      List<FieldPath> paths = new ArrayList<>();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        FieldPath path = path();
        if (!paths.contains(path)) {
          paths.add(path);
        }
      }
      Subject scan = DocumentScan.of(bytes(document.toJson()), WantedPaths.of(paths));
      for (FieldPath path : paths) {
        assertThat(scan.find(path, paths.indexOf(path)))
            .as("%s of %s in %s; %s", path, paths, document.toJson(), Seeds.replay(SEED))
            .isEqualTo(path.find(document));
      }
    }
  }

  @Test
  void matches_randomSelectors_asOnTheParsedDocument() {
    for (int round = 0; round < ROUNDS / 4; round++) {
      JsonValue document = object(3);
      List<JsonValue> conditions = new ArrayList<>();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        conditions.add(condition());
      }
      Selector selector =
          Selector.of(
              new JsonValue.Obj(
                  Map.of(random.nextBoolean() ? "$and" : "$or", new JsonValue.Arr(conditions))));
      assertThat(selector.matches(bytes(document.toJson())))
          .as("%s on %s; %s", selector.normalized().toJson(), document, Seeds.replay(SEED))
          .isEqualTo(selector.matches(document));
    }
  }

  @Test
  void projection_randomFields_copiesTheValuesAtTheirPaths() {
    for (int round = 0; round < ROUNDS / 4; round++) {
      JsonValue document = object(3);
      List<String> fields = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        fields.add("a." + field());
        fields.add("b");
      }
      fields.removeIf(field -> field.endsWith("."));
      byte[] copied = Projection.of(fields).apply(bytes(document.toJson()));
      for (String field : fields) {
        FieldPath path = FieldPath.parse(field);
        if (path.find(document) instanceof FieldPath.Found.Value(JsonValue value)
            && fields.stream().noneMatch(other -> overlaps(other, field))) {
          assertThat(inObjects(read(new String(copied, StandardCharsets.UTF_8)), path))
              .as("%s of %s in %s; %s", field, fields, document.toJson(), Seeds.replay(SEED))
              .isEqualTo(value);
        }
      }
    }
  }

  private static boolean overlaps(String field, String other) {
    return !field.equals(other)
        && (field.startsWith(other + ".") || other.startsWith(field + "."));
  }

  /** The value at a path on which indexes of arrays are names of members. */
  private static JsonValue inObjects(JsonValue value, FieldPath path) {
    JsonValue here = value;
    for (String name : path.names()) {
      here = ((JsonValue.Obj) here).members().get(name);
    }
    return here;
  }

  @Test
  void fieldReader_sameFieldTwice_readsItTwice() {
    assertThat(FieldReader.of(List.of("a", "b", "a")).read(bytes("{\"a\":1,\"b\":2}")))
        .contains(List.of(read("1"), read("2"), read("1")));
  }

  private String field() {
    return path().names().stream()
        .filter(name -> !name.isEmpty() && !name.contains("\\"))
        .map(name -> name.replace(".", "\\."))
        .collect(Collectors.joining("."));
  }

  private JsonValue condition() {
    String field = field();
    JsonValue test =
        switch (random.nextInt(4)) {
          case 0 -> read("{\"$exists\":" + random.nextBoolean() + "}");
          case 1 -> read("{\"$gt\":" + pick(SCALARS) + "}");
          case 2 -> read("{\"$ne\":" + pick(SCALARS) + "}");
          default -> read("{\"$type\":\"object\"}");
        };
    return new JsonValue.Obj(Map.of(field, test));
  }

  private FieldPath path() {
    List<String> names = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      names.add(pick(NAMES));
    }
    return new FieldPath(names);
  }

  private JsonValue value(int depth) {
    return switch (depth == 0 ? 3 : random.nextInt(4)) {
      case 0, 1 -> object(depth - 1);
      case 2 -> {
        List<JsonValue> elements = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
          elements.add(value(depth - 1));
        }
        yield new JsonValue.Arr(elements);
      }
      default -> read(pick(SCALARS));
    };
  }

  private JsonValue object(int depth) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      members.put(pick(NAMES), value(Math.max(0, depth - 1)));
    }
    return new JsonValue.Obj(members);
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static JsonValue read(String json) {
    return JsonValue.read(bytes(json));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

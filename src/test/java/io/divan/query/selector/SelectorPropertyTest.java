package io.divan.query.selector;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Properties of all selectors and all documents. */
class SelectorPropertyTest {
  private static final long SEED = Seeds.seed(5);
  private static final int ROUNDS = 4_000;
  private static final List<String> FIELDS = List.of("a", "b", "a.b", "b.0", "c");
  private static final List<String> VALUES =
      List.of(
          "null", "false", "true", "0", "1", "1.0", "-2.5", "1e2", "\"\"", "\"a\"", "\"A\"",
          "\"b\"", "\"ab\"", "[]", "[1]", "[1,\"a\"]", "[{\"b\":1}]", "{}", "{\"b\":1}",
          "{\"b\":{\"c\":null}}");
  private static final List<String> COMPARISONS =
      List.of("$lt", "$lte", "$eq", "$ne", "$gte", "$gt");
  private static final List<String> TYPES =
      List.of("null", "boolean", "number", "string", "array", "object");

  private final Random random = new Random(SEED);

  @Test
  void negations_ofAnySelectors_followLogic() {
    for (int round = 0; round < ROUNDS; round++) {
      String s = condition(3);
      String t = condition(3);
      String document = document(true);
      same(s, "{\"$not\":{\"$not\":" + s + "}}", document);
      same(s, "{\"$nor\":[{\"$not\":" + s + "}]}", document);
      same(
          "{\"$not\":{\"$and\":[" + s + "," + t + "]}}",
          "{\"$or\":[{\"$not\":" + s + "},{\"$not\":" + t + "}]}",
          document);
      same(
          "{\"$nor\":[" + s + "," + t + "]}",
          "{\"$and\":[{\"$not\":" + s + "},{\"$not\":" + t + "}]}",
          document);
      same(
          "{\"$not\":{\"$or\":[" + s + "," + t + "]}}",
          "{\"$nor\":[" + s + "," + t + "]}",
          document);
      same("{\"$and\":[" + s + "," + t + "]}", "{\"$and\":[" + t + "," + s + "]}", document);
      assertThat(matches(s, document) && matches("{\"$not\":" + s + "}", document))
          .as("both %s and its negation on %s; %s", s, document, Seeds.replay(SEED))
          .isFalse();
    }
  }

  @Test
  void negation_ofTestsOnPresentFields_opposite() {
    for (int round = 0; round < ROUNDS; round++) {
      String test = test(2);
      String document = "{\"a\":" + pick(VALUES) + "}";
      boolean passes = matches("{\"a\":" + test + "}", document);

      assertThat(matches("{\"a\":{\"$not\":" + test + "}}", document))
          .as("not %s on %s; %s", test, document, Seeds.replay(SEED))
          .isEqualTo(!passes);
      same("{\"$not\":{\"a\":" + test + "}}", "{\"a\":{\"$not\":" + test + "}}", document);
    }
  }

  @Test
  void missing_matchesOnlyExistsFalse() {
    for (int round = 0; round < ROUNDS; round++) {
      String test = test(2);
      if (!test.contains("$exists")) {
        assertThat(matches("{\"zz\":" + test + "}", document(false)))
            .as("%s on nothing; %s", test, Seeds.replay(SEED))
            .isFalse();
      }
    }
    assertThat(matches("{\"zz\":{\"$exists\":false}}", document(false))).isTrue();
  }

  @Test
  void ranges_ofAnyBounds_partitionValues() {
    for (int round = 0; round < ROUNDS; round++) {
      String bound = pick(VALUES);
      String other = pick(VALUES);
      String document = "{\"a\":" + pick(VALUES) + "}";
      same(
          "{\"a\":{\"$gte\":" + bound + ",\"$lte\":" + bound + "}}",
          "{\"a\":{\"$eq\":" + bound + "}}",
          document);
      same(
          "{\"a\":{\"$or\":[{\"$lt\":" + bound + "},{\"$eq\":" + bound + "}]}}",
          "{\"a\":{\"$lte\":" + bound + "}}",
          document);
      int count = 0;
      for (String comparison : List.of("$lt", "$eq", "$gt")) {
        count += matches("{\"a\":{\"" + comparison + "\":" + bound + "}}", document) ? 1 : 0;
      }
      assertThat(count).as("%s, %s; %s", bound, document, Seeds.replay(SEED)).isEqualTo(1);
      if (matches("{\"a\":{\"$lt\":" + bound + "}}", "{\"a\":" + other + "}")
          && matches("{\"a\":{\"$lt\":" + other + "}}", document)) {
        assertThat(matches("{\"a\":{\"$lt\":" + bound + "}}", document))
            .as("%s, %s, %s; %s", document, other, bound, Seeds.replay(SEED))
            .isTrue();
      }
    }
  }

  private void same(String one, String other, String document) {
    assertThat(matches(one, document))
        .as("%s as %s on %s; %s", one, other, document, Seeds.replay(SEED))
        .isEqualTo(matches(other, document));
  }

  private static boolean matches(String selector, String document) {
    return Selector.read(bytes(selector)).matches(bytes(document));
  }

  private String condition(int depth) {
    return switch (depth == 0 ? 9 : random.nextInt(10)) {
      case 0, 1 -> "{\"$and\":[" + condition(depth - 1) + "," + condition(depth - 1) + "]}";
      case 2, 3 -> "{\"$or\":[" + condition(depth - 1) + "," + condition(depth - 1) + "]}";
      case 4 -> "{\"$nor\":[" + condition(depth - 1) + "]}";
      case 5 -> "{\"$not\":" + condition(depth - 1) + "}";
      case 6 -> "{\"a\":" + test(1) + ",\"b\":" + test(1) + "}";
      case 7 -> "{\"a\":{\"b\":" + test(1) + "}}";
      case 8 -> "{\"" + pick(FIELDS) + "\":" + pick(VALUES.subList(0, 13)) + "}";
      default -> "{\"" + pick(FIELDS) + "\":" + test(depth) + "}";
    };
  }

  private String test(int depth) {
    String value = pick(VALUES);
    return switch (random.nextInt(depth > 0 ? 15 : 10)) {
      case 0 -> "{\"$in\":[" + value + "," + pick(VALUES) + "]}";
      case 1 -> "{\"$nin\":[" + value + "," + pick(VALUES) + "]}";
      case 2 -> "{\"$exists\":" + random.nextBoolean() + "}";
      case 3 -> "{\"$type\":\"" + pick(TYPES) + "\"}";
      case 4 -> "{\"$size\":" + random.nextInt(3) + "}";
      case 5 -> "{\"$mod\":[" + (1 + random.nextInt(3)) + "," + random.nextInt(2) + "]}";
      case 6 -> "{\"$regex\":\"" + pick(List.of("a", "^a", "(?i)A$", ".", "^$")) + "\"}";
      case 7 -> "{\"$beginsWith\":\"" + pick(List.of("", "a", "A")) + "\"}";
      case 10 -> "{\"$elemMatch\":" + test(depth - 1) + "}";
      case 11 -> "{\"$allMatch\":" + test(depth - 1) + "}";
      case 12 -> "{\"$keyMapMatch\":" + test(depth - 1) + "}";
      case 13 -> "{\"$all\":[" + value + "]}";
      case 14 -> "{\"$or\":[" + test(depth - 1) + "," + test(depth - 1) + "]}";
      default -> "{\"" + pick(COMPARISONS) + "\":" + value + "}";
    };
  }

  private String document(boolean some) {
    StringBuilder json = new StringBuilder("{\"_id\":\"x\"");
    for (String name : List.of("a", "b", "c")) {
      if (some && random.nextInt(4) > 0) {
        json.append(",\"").append(name).append("\":").append(pick(VALUES));
      }
    }
    return json.append('}').toString();
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

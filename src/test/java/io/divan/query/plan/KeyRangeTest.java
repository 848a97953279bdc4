package io.divan.query.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.json.CollatedKeys;
import io.divan.json.JsonOrder;
import io.divan.json.JsonValue;
import io.divan.query.selector.Selector;
import io.divan.storage.Seeds;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compares ranges of keys with the ranges of values that they were made of. */
class KeyRangeTest {
  private static final long SEED = Seeds.seed(3);
  private static final int ROUNDS = 5_000;
  private static final String LONG = "long ".repeat(2_000);
  private static final List<String> VALUES =
      List.of(
          "null", "true", "-1", "0", "1", "1.0", "2", "\"\"", "\"a\"", "\"a\u00AD\"", "\"A\"",
          "\"b\"", "\"" + LONG + "a\"", "\"" + LONG + "b\"", "[]", "[1]", "{}", "{\"a\":1}");
  private static final List<String> OPERATORS = List.of("$lt", "$lte", "$eq", "$gte", "$gt");

  private final Random random = new Random(SEED);

  @Test
  void of_matchingRows_inTheRange() {
    for (int round = 0; round < ROUNDS; round++) {
      List<FieldRange> ranges = new ArrayList<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        ranges.add(range());
      }
      if (ranges.stream().noneMatch(FieldRange::empty)) {
        KeyRange keys = KeyRange.of(ranges, 2);
        List<JsonValue> row = List.of(value(), value());
        if (contains(ranges, row)) {
          assertThat(contains(keys, row))
              .as("%s in %s; %s", shortened(row), shortened(ranges), Seeds.replay(SEED))
              .isTrue();
        }
      }
    }
  }

  @Test
  void of_oneShortColumn_exact() {
    for (int round = 0; round < ROUNDS; round++) {
      FieldRange range = range();
      List<JsonValue> row = List.of(value(), JsonValue.Literal.NULL);
      if (!range.empty() && !shortened(range).contains("long")) {
        assertThat(contains(KeyRange.of(List.of(range), 2), row))
            .as("%s in %s; %s", shortened(row), range, Seeds.replay(SEED))
            .isEqualTo(contains(List.of(range), row));
      }
    }
  }

  @Test
  void ranges_ofConjunctions_haveAllMatches() {
    for (int round = 0; round < ROUNDS; round++) {
      List<JsonValue> conditions = new ArrayList<>();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        conditions.add(one("a", one(pick(OPERATORS), value())));
      }
      Selector selector = Selector.of(one("$and", new JsonValue.Arr(conditions)));
      FieldRange range = SelectorFields.ranges(selector.normalized()).get("a");
      JsonValue value = value();
      if (selector.matches(one("a", value))) {
        assertThat(!range.empty() && contains(List.of(range), List.of(value)))
            .as("%s of %s; %s", shortened(value), shortened(conditions), Seeds.replay(SEED))
            .isTrue();
      }
    }
  }

  @Test
  void ranges_beginsWith_haveAllMatches() {
    Selector selector = Selector.of(one("a", one("$beginsWith", new JsonValue.Str("ab"))));
    FieldRange range = SelectorFields.ranges(selector.normalized()).get("a");
    for (String text : List.of("ab", "abc", "ab\u00AD", "abz", "ab日本", "ab\uFFFD")) {
      assertThat(contains(List.of(range), List.of(new JsonValue.Str(text)))).as(text).isTrue();
    }
    assertThat(contains(List.of(range), List.of(new JsonValue.Str("ac")))).isFalse();
  }

  private FieldRange range() {
    FieldRange range = FieldRange.ALL;
    for (int i = random.nextInt(3); i > 0; i--) {
      range = range.narrowed(pick(OPERATORS), value());
    }
    return range;
  }

  private static boolean contains(List<FieldRange> ranges, List<JsonValue> row) {
    for (int i = 0; i < ranges.size(); i++) {
      FieldRange range = ranges.get(i);
      if (range.low() != null) {
        int low = JsonOrder.COLLATED.compare(row.get(i), range.low());
        if (low < 0 || low == 0 && !range.lowIncluded()) {
          return false;
        }
      }
      if (range.high() != null) {
        int high = JsonOrder.COLLATED.compare(row.get(i), range.high());
        if (high > 0 || high == 0 && !range.highIncluded()) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean contains(KeyRange range, List<JsonValue> row) {
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    row.forEach(
        value -> key.writeBytes(
            CollatedKeys.encode(value, KeyRange.columnBytesMax(row.size())).bytes()));
    key.write(2); // a document's id
    return Arrays.compareUnsigned(key.toByteArray(), range.begin()) >= 0
        && Arrays.compareUnsigned(key.toByteArray(), range.end()) < 0;
  }

  private JsonValue value() {
    return JsonValue.read(pick(VALUES).getBytes(StandardCharsets.UTF_8));
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static JsonValue.Obj one(String name, JsonValue value) {
    return new JsonValue.Obj(Map.of(name, value));
  }

  private static String shortened(Object value) {
    return value.toString().replaceAll("(long )+", "long ");
  }
}

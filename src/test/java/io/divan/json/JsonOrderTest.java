package io.divan.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the orders of values with the order of CouchDB's views. */
class JsonOrderTest {
  private static final Path COLLATION =
      Path.of("src", "test", "resources", "selectors", "collation.txt");

  @Test
  void compare_everyPair_sameOrderAsCouchDb() throws IOException {
    List<List<JsonValue>> groups = new ArrayList<>();
    for (String line : Files.readAllLines(COLLATION)) {
      if (!line.startsWith("#")) {
        groups.add(Arrays.stream(line.split(" = ")).map(JsonOrderTest::json).toList());
      }
    }
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      for (int j = 0; j < groups.size(); j++) {
        for (JsonValue a : groups.get(i)) {
          for (JsonValue b : groups.get(j)) {
            if (Integer.signum(JsonOrder.COLLATED.compare(a, b)) != Integer.compare(i, j)) {
              wrong.add(a + " and " + b);
            }
          }
        }
      }
    }
    assertThat(groups).hasSizeGreaterThan(100);
    assertThat(wrong).isEmpty();
  }

  @Test
  void compare_raw_erlangOrder() {
    List<String> ordered =
        List.of(
            "-1", "2", "false", "null", "true", "{}", "{\"a\":1}", "[]", "[1]", "\"\"", "\"A\"",
            "\"Z\"", "\"a\"", "\"\\uffff\"", "\"\\ud83d\\ude00\"");
    for (int i = 0; i < ordered.size(); i++) {
      for (int j = 0; j < ordered.size(); j++) {
        assertThat(
            Integer.signum(
                JsonOrder.RAW.compare(json(ordered.get(i)), json(ordered.get(j)))))
            .as(ordered.get(i) + " and " + ordered.get(j))
            .isEqualTo(Integer.compare(i, j));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, -0.0, 0",
    "0, 0e99999999999999999999, 0",
    "1, 1.000, 0",
    "10, 1e1, 0",
    "0.1, 1E-1, 0",
    "100000000000000000000000001, 100000000000000000000000000, 1",
    "0.1000000000000000000000001, 0.1, 1",
    "1e400, 1e399, 1",
    "1e99999999999999999999, 1e99999999999999999998, 1",
    "-1e99999999999999999999, -1e99999999999999999998, -1",
    "1e-400, 0, 1",
    "-1, 1, -1",
    "12345678901234567890, 1.234567890123456789e19, 0",
    "9, 10, -1",
    "-9, -10, 1",
    "0.009, 0.01, -1"
  })
  void compare_numbers_exact(String a, String b, int expected) {
    assertThat(Decimal.compare(a, b)).as(a + " and " + b).isEqualTo(expected);
    assertThat(Decimal.compare(b, a)).isEqualTo(-expected);
  }

  private static JsonValue json(String text) {
    return JsonValue.read(text.getBytes(StandardCharsets.UTF_8));
  }
}

package io.divan.query.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorTest {

  @Test
  void matches_everyCaseOfTheTable_asListed() {
    SelectorCases table = SelectorCases.read();
    List<String> wrong = new ArrayList<>();
    for (SelectorCases.Case example : table.cases()) {
      String answer = answer(example.selector(), table);
      if (!answer.equals(example.ours())) {
        wrong.add(example.selector() + " " + answer + "\n   instead of " + example.ours());
      }
    }
    assertThat(table.cases()).hasSizeGreaterThan(100);
    assertThat(wrong).isEmpty();
  }

  private static String answer(String json, SelectorCases table) {
    try {
      Selector selector = Selector.read(bytes(json));
      return "-> "
          .concat(
              table.documents().entrySet().stream()
                  .filter(document -> selector.matches(json(document)))
                  .map(document -> document.getKey())
                  .sorted()
                  .collect(Collectors.joining(" ")))
          .strip();
    } catch (SelectorException e) {
      return "!! " + e.reason();
    }
  }

  private static byte[] json(Map.Entry<String, String> document) {
    String more = document.getValue().equals("{}") ? "}" : "," + document.getValue().substring(1);
    return bytes("{\"_id\":\"" + document.getKey() + "\",\"_rev\":\"1-0\"" + more);
  }

  @Test
  void read_tooLongOrTooDeep_refused() {
    String deep = "{\"a\":".repeat(Selector.DEPTH_MAX + 1) + "1" + "}".repeat(101);
    String deepNot = "{\"$not\":".repeat(101) + "{\"a\":1}" + "}".repeat(101);
    String longer = "{\"a\":\"" + "x".repeat(Selector.BYTES_MAX) + "\"}";
    for (String selector : List.of(deep, deepNot, longer)) {
      assertThatThrownBy(() -> Selector.read(bytes(selector)))
          .isInstanceOf(SelectorException.class);
    }
    String just = "{\"a\":".repeat(Selector.DEPTH_MAX - 1) + "1" + "}".repeat(99);
    assertThat(Selector.read(bytes(just)).matches(bytes(just))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "(((a{100}){100}){100}){100}", "(a{1000}){1000}", "[(]((b{99}){99}){99}",
    "\\\\Q[\\\\E((b{99}){99}){99}", "[]](a{200}){200}", "((a{2000}){3})"
  })
  @Timeout(10)
  void regex_tooLarge_refused(String pattern) {
    assertThatThrownBy(() -> Selector.read(bytes("{\"a\":{\"$regex\":\"" + pattern + "\"}}")))
        .isInstanceOf(SelectorException.class)
        .hasMessageStartingWith("Bad argument for operator $regex: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "{\"a\":{\"$regex\":\"^(a+)+$\"}}",
    "{\"a\":{\"$regex\":\"(a|aa)+(a|aa)+(a|aa)+b\"}}",
    "{\"a\":{\"$regex\":\"(a{1,30}){1,30}z\"}}",
    "{\"a\":{\"$regex\":\"([a-z]+.*)+[0-9]{999}\"}}"
  })
  @Timeout(60)
  void regex_catastrophicBacktracking_linearTime(String selector) {
    byte[] document = bytes("{\"a\":\"" + "a".repeat(1_000_000) + "!\"}");

    long start = System.nanoTime();
    boolean found = Selector.read(bytes(selector)).matches(document);

    assertThat(found).isFalse();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  @Timeout(60)
  void in_manyValuesOnManyElements_fast() {
    String values = "[" + "\"value\",".repeat(100_000) + "1]";
    Selector selector = Selector.read(bytes("{\"a\":{\"$in\":" + values + "}}"));

    assertThat(selector.matches(bytes("{\"a\":[" + "\"other\",".repeat(500_000) + "1]}")))
        .isFalse();
    assertThat(selector.matches(bytes("{\"a\":[\"other\",\"value\"]}"))).isTrue();
  }

  @Test
  void matches_selectorOfTwoMembers_readsOnlyThese() {
    Selector selector = Selector.read(bytes("{\"a.b\":1,\"c\":{\"$exists\":true}}"));

    assertThat(selector.matches(bytes("{\"z\":[[[]]],\"a\":{\"b\":1},\"y\":{},\"c\":0}"))).isTrue();
    assertThat(selector.matches(JsonValue.read(bytes("{\"a\":{\"b\":1}}")))).isFalse();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

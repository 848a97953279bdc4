package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {

  private static Arguments parse(String... arguments) {
    return Arguments.parse(List.of(arguments), Set.of("raw"), Set.of("table", "limit"));
  }

  @Test
  void parse_everyKind_classified() {
    Arguments parsed =
        parse("--table", "docs", "db", "--raw", "--limit=07", "--divan.storage.directory=/x=y");
    assertThat(parsed.operand()).contains("db");
    assertThat(parsed.setting("table")).contains("docs");
    assertThat(parsed.number("limit")).contains(7);
    assertThat(parsed.has("raw")).isTrue();
    assertThat(parsed.configuration()).containsExactly("--divan.storage.directory=/x=y");
  }

  @Test
  void parse_noArguments_empty() {
    Arguments parsed = parse();
    assertThat(parsed.operand()).isEmpty();
    assertThat(parsed.setting("table")).isEmpty();
    assertThat(parsed.number("limit")).isEmpty();
    assertThat(parsed.has("raw")).isFalse();
  }

  @Test
  void parse_valueWithAnEqualsSignAndADot_notConfiguration() {
    assertThat(parse("--table=a.b=c").setting("table")).contains("a.b=c");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "--nope|Unknown option --nope",
    "-raw|Unknown option -raw",
    "--|Unknown option --",
    "--raw=1|--raw takes no value",
    "--raw --raw|Duplicate option --raw",
    "--table a --table=b|Duplicate option --table",
    "--table|--table needs a value",
    "--table --raw|--table needs a value",
    "--divan.storage.directory /x|Write --divan.storage.directory=VALUE"
  })
  void parse_invalid_refused(String arguments, String message) {
    assertThatThrownBy(() -> parse(arguments.split(" ")))
        .isInstanceOf(WrongUsage.class)
        .hasMessage(message);
  }

  @Test
  void operand_second_refused() {
    assertThatThrownBy(() -> parse("a", "b").operand())
        .isInstanceOf(WrongUsage.class)
        .hasMessage("Unexpected argument: b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.5", "x", "1000000000", "+1"})
  void number_invalidOrTooLarge_refused(String text) {
    assertThatThrownBy(() -> parse("--limit=" + text).number("limit"))
        .isInstanceOf(WrongUsage.class)
        .hasMessage("--limit must be a whole number from 1 to 999999999, not " + text);
  }
}

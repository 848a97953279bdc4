package io.divan.api.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Erlang terms in settings. */
class ErlangTermTest {

  @Test
  void parse_listOfTuples_isReadAsWritten() {
    assertThat(ErlangTerm.parse(" [ {a, \"b \\\" c\"} , {<<\"d\">>,'E f'}, [], {}, 12 ] "))
        .hasValue(
            new ErlangTerm.Sequence(
                List.of(
                    new ErlangTerm.Tuple(
                        List.of(new ErlangTerm.Text("a"), new ErlangTerm.Text("b \" c"))),
                    new ErlangTerm.Tuple(
                        List.of(new ErlangTerm.Text("d"), new ErlangTerm.Text("E f"))),
                    new ErlangTerm.Sequence(List.of()),
                    new ErlangTerm.Tuple(List.of()),
                    new ErlangTerm.Text("12"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", " ", "[", "[a", "[a,", "[a,]", "[a b]", "{a]", "a b", "\"a", "\"a\\", "<<\"a\">",
    "<<a>>", "Variable", "[a]]", "!a", ","
  })
  void parse_malformed_isEmpty(String text) {
    assertThat(ErlangTerm.parse(text)).isEmpty();
  }

  @Test
  void parse_deepNesting_isRefused() {
    assertThat(ErlangTerm.parse("[".repeat(50) + "]".repeat(50))).isPresent();
    assertThat(ErlangTerm.parse("[".repeat(8_000) + "]".repeat(8_000))).isEmpty();
  }
}

package io.divan.security.password;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.configuration.ConfigurationException;
import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.DocumentException;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules for new passwords. */
class PasswordRulesTest {
  private static final String EXAMPLE =
      "[{\".{10,}\", \"Min length is 10 chars.\"}, \"[A-Z]+\", \"[a-z]+\", \"\\\\d+\"]";

  private final RuntimeConfiguration configuration = new RuntimeConfiguration();
  private final PasswordRules rules =
      PasswordRules.declare(configuration, new PasswordProperties(1, 1, 1, "sha", ""));

  private void set(String value) {
    configuration.set("chttpd_auth", "password_regexp", value, false);
  }

  private void assertRefused(String password, String reason) {
    assertThatThrownBy(() -> rules.check(password))
        .isInstanceOfSatisfying(
            DocumentException.BadRequest.class,
            e -> Assertions.assertEquals("bad_request", e.error()))
        .hasMessage(reason);
  }

  /** The example of CouchDB's documentation. */
  @Test
  void check_example_requiresEachExpression() {
    set(EXAMPLE);

    assertThatCode(() -> rules.check("Abcdefghi1")).doesNotThrowAnyException();
    assertRefused(
        "Abc1", "Password does not conform to requirements. Min length is 10 chars.");
    assertRefused("abcdefghi1", "Password does not conform to requirements.");
    assertRefused("Abcdefghij", "Password does not conform to requirements.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", " [ ] ", "[].", "[{\"a\"}]", "[{\"a\", \"\"}]", "[\"\" \"a\"]"})
  void check_laxRules_acceptThePassword(String value) {
    set(value);

    assertThatCode(() -> rules.check("a")).doesNotThrowAnyException();
  }

  @Test
  void check_escapesOfErlang_areRead() {
    set("[\"^\\x41\\x{42}\\103\\s\\\"$\"]");

    assertThatCode(() -> rules.check("ABC \"")).doesNotThrowAnyException();
    assertRefused("ABC", "Password does not conform to requirements.");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "a", "\"a\"", "[a]", "[1]", "[\"a\"", "[\"a", "[\"a\",]", "[{\"a\", 1}]", "[{}]",
    "[\"a\"] x", "[\"\\x{110000}\"]", "[\"\\xg0\"]", "[\"(\"]", "[\"(?=a)\"]",
  })
  void set_notAListOfExpressions_isRefused(String value) {
    assertThatThrownBy(() -> set(value)).isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(
        () -> PasswordRules.declare(
            new RuntimeConfiguration(), new PasswordProperties(1, 1, 1, "sha", value)))
        .isInstanceOf(InvalidProperty.class)
        .hasMessageContaining("divan.authentication.password-regexp");
  }

  @Test
  void check_expressionThatBacktracks_takesLinearTime() {
    set("[\"^(a+)+$\"]");

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> assertRefused(
            "a".repeat(10_000) + "b", "Password does not conform to requirements."));
  }
}

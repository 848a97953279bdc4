package io.divan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Secrets that are printed on purpose are found, so a search that finds none has searched. */
class OutputSecretsTest {
  private static final String PASSWORD = "planted-" + Secrets.MARK;

  @Test
  void output_withASecret_isFound() {
    System.out.println("out " + PASSWORD);
    System.err.print("err ");
    System.err.println(PASSWORD);
    LoggerFactory.getLogger("planted").error("slf4j {}", PASSWORD);
    System.getLogger("planted").log(System.Logger.Level.ERROR, "system " + PASSWORD);
    Logger.getLogger("planted").severe("jul " + PASSWORD);

    List<String> found = OutputSecrets.take();

    for (String way : List.of("out ", "err ", "slf4j ", "system ", "jul ")) {
      assertThat(found).as(way).anyMatch(line -> line.contains(way + PASSWORD));
    }
  }

  @Test
  void testClass_printedASecret_fails() {
    System.out.println(PASSWORD);

    assertThatThrownBy(OutputSecrets::check).isInstanceOf(AssertionError.class);
    OutputSecrets.check();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "AuthSession=YWRtaW46NkIwMTkwQTE6abcdef; Path=/", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.x",
    "Authorization: Basic YWRtaW46eA==", "basic YW5uYTpwdw=="})
  void text_formOfASecret_isFound(String text) {
    assertThat(Secrets.find(text)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "Basic authentication", "WWW-Authenticate: Basic realm=\"server\"", "AuthSession=; Path=/",
    "a secret", "eyJ is how tokens begin"})
  void text_withoutSecrets_isIgnored(String text) {
    assertThat(Secrets.find(text)).isEmpty();
  }
}

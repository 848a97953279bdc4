package io.divan.document.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
  private static final Compression DEFAULT = Compression.of(Compression.DEFAULT_TYPES, 8);

  @ParameterizedTest
  @ValueSource(strings = {
    "text/plain", "text/", "text/plain;a=b", "text/plain, text/html", "TEXT/HTML",
    " application/json ", "application/json; charset=utf-8", "application/json ;x",
    "application/javascript", "application/xml",
  })
  void appliesTo_compressible(String type) {
    assertThat(DEFAULT.appliesTo(type)).isTrue();
    assertThat(DEFAULT.appliesTo(type)).as("remembered").isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "text", "image/png", "image/svg+xml", "application/x-javascript",
    "application/vnd.api+json", "application/jsonx", "x text/plain",
  })
  void appliesTo_other(String type) {
    assertThat(DEFAULT.appliesTo(type)).isFalse();
    assertThat(DEFAULT.appliesTo(type)).as("remembered").isFalse();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "* | anything | true",
    "* | '' | true",
    "*/plain | text/plain | true",
    "*/plain | text/html | false",
    "image.png | imagexpng | true",
    "image.png | image/png | true",
    " a/b ,, c/d | c/d | true",
    "'' | text/plain | false",
    "' , ' | text/plain | false",
    "audio/(x-)?.+ | audio/x-y | true",
  })
  void appliesTo_settings(String types, String type, boolean expected) {
    assertThat(Compression.of(types, 8).appliesTo(type)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"1, true", "9, true", "0, false", "10, false", "-1, false"})
  void appliesTo_levels(int level, boolean expected) {
    Compression compression = Compression.of("*", level);
    assertThat(compression.appliesTo("text/plain")).isEqualTo(expected);
    assertThat(compression.level()).isEqualTo(level);
  }

  @ParameterizedTest
  @CsvSource({"5, 5", "' 5 ', 5", "abc, 8", "'', 8", "99999999999, 8", "-1, -1"})
  void level_text(String text, int expected) {
    assertThat(Compression.level(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/(", "[", "((a{1000}){1000}){1000}", "(?=a)b"})
  void of_invalid(String types) {
    assertThatThrownBy(() -> Compression.of(types, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("compressible type");
  }

  @Test
  void of_long() {
    assertThatThrownBy(() -> Compression.of("a".repeat(10_001), 8))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void appliesTo_hostileExpression() {
    Compression compression = Compression.of("(a+)+b", 8);
    String type = "a".repeat(50_000);
    Assertions.assertTimeout(
        Duration.ofSeconds(10), () -> assertThat(compression.appliesTo(type)).isFalse());
  }

  @Test
  void appliesTo_manyTypes() {
    Compression compression = Compression.of("text/*", 8);
    for (int i = 0; i < 3_000; i++) {
      assertThat(compression.appliesTo("text/" + i)).isTrue();
    }
    assertThat(compression.remembered()).isEqualTo(1_000);
  }
}

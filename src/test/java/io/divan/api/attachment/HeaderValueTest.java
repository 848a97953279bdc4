package io.divan.api.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.api.http.ApiException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderValueTest {

  @ParameterizedTest
  @ValueSource(strings = {
    "multipart/related; boundary=\"abc123\"",
    "multipart/related;boundary=abc123",
    "Multipart/Related ; BOUNDARY = abc123 ",
    "multipart/related; type=\"application/json\"; boundary=\"abc123\"; start=\"<x>\"",
    "multipart/related; type=\"a;boundary=no\"; boundary=\"abc\\123\"",
    "multipart/related;; =x; boundary=abc123; boundary=other",
  })
  void parse_boundary(String header) {
    HeaderValue type = HeaderValue.parse(header);
    assertThat(type.value()).isEqualTo("multipart/related");
    assertThat(Boundary.of(type)).isEqualTo(new Boundary("abc123"));
  }

  @Test
  void parse_other() {
    assertThat(HeaderValue.parse("")).isEqualTo(new HeaderValue("", Map.of()));
    assertThat(HeaderValue.parse("a;b=\"\";c=\"x").parameters())
        .isEqualTo(Map.of("b", "", "c", "x"));
    assertThat(HeaderValue.parse("a; b=\"\\").parameters()).isEqualTo(Map.of("b", "\\"));
    assertThat(HeaderValue.parse("a; b=\"1\" junk; c=2").parameters())
        .isEqualTo(Map.of("b", "1", "c", "2"));
    assertThat(HeaderValue.parse("a; b; c=").parameters()).isEqualTo(Map.of("c", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"multipart/related", "multipart/related;", "multipart/related; boundary=",
    "multipart/related; boundary=\"\""})
  void boundary_missing(String header) {
    HeaderValue type = HeaderValue.parse(header);
    assertThatThrownBy(() -> Boundary.of(type))
        .isInstanceOf(ApiException.class)
        .hasMessage("The multipart Content-Type has no boundary");
  }

  @ParameterizedTest
  @CsvSource({"70, true", "71, false"})
  void boundary_long(int length, boolean accepted) {
    HeaderValue type = HeaderValue.parse("multipart/related; boundary=" + "x".repeat(length));
    if (accepted) {
      assertThat(Boundary.of(type).text()).hasSize(length);
    } else {
      assertThatThrownBy(() -> Boundary.of(type)).isInstanceOf(ApiException.class);
    }
  }

  @Test
  void boundary_random() {
    assertThat(Boundary.random().text()).matches("[0-9a-f]{32}");
    assertThat(Boundary.randomOfBulkGet().text()).matches("--[0-9a-f]{32}");
    assertThat(Boundary.random()).isNotEqualTo(Boundary.random());
  }
}

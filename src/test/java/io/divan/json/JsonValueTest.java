package io.divan.json;

import static io.divan.document.TestDatabases.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonValueTest {

  @ParameterizedTest
  @ValueSource(strings = {"\"\\ud800\"", "[\"\\udc00\"]", "{\"\\ud800\":1}"})
  void read_unpairedSurrogate_isMalformed(String json) {
    assertThatExceptionOfType(JsonException.Malformed.class)
        .isThrownBy(() -> JsonValue.read(utf8(json)));
  }

  @Test
  void read_nestedTooDeep_isMalformed() {
    String deepest = "[".repeat(Json.DEPTH_MAX) + "]".repeat(Json.DEPTH_MAX);
    assertThat(JsonValue.read(utf8(deepest)).toJson()).isEqualTo(deepest);
    assertThatExceptionOfType(JsonException.Malformed.class)
        .isThrownBy(() -> JsonValue.read(utf8("[" + deepest + "]")));
  }
}

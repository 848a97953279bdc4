package io.divan.document.revision;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RevisionTest {

  private static final String HEX = "967a00dff5e02add41819138abb3284d";

  private static Revision parse(String text) {
    return Revision.parse(text).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "1-" + HEX, "7-a", "3-abc", "1-é", "2-967a00dff5e02add41819138abb3284", "12-a-b", "1-😀",
    "999999999999999-x", "1- ", "1-", "0-1"
  })
  void toString_parsed_isTheText(String text) {
    assertThat(parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1", "-1", "-abc", "abc-1", " 1-abc", "1 -a", "+1-a", "1.0-a",
    "１-a"})
  void parse_noRevision_nothing(String text) {
    assertThat(Revision.parse(text)).isEmpty();
  }

  @Test
  void parse_hexOfEitherCase_sameSixteenBytes() {
    Revision lower = parse("1-" + HEX);
    Revision upper = parse("1-" + HEX.toUpperCase());
    assertThat(upper).isEqualTo(lower).hasSameHashCodeAs(lower).hasToString("1-" + HEX);
    assertThat(lower.id()).isEqualTo(HexFormat.of().parseHex(HEX));
  }

  @Test
  void parse_textOfSixteenBytes_answeredAsItsHex() {
    Revision text = parse("1-abcdefghijklmnop");
    assertThat(text).hasToString("1-6162636465666768696a6b6c6d6e6f70");
    assertThat(text).isEqualTo(parse("1-6162636465666768696a6b6c6d6e6f70"));
  }

  @Test
  void parse_otherText_isItsUtf8() {
    assertThat(parse("1-é").id()).isEqualTo("é".getBytes(StandardCharsets.UTF_8));
    assertThat(parse("1-" + HEX + "0").id()).hasSize(33);
  }

  @Test
  void parse_leadingZeros_sameRevision() {
    assertThat(parse("01-abc")).isEqualTo(parse("1-abc")).hasToString("1-abc");
  }

  @Test
  void parse_longestId_isRead() {
    assertThat(parse("1-" + "x".repeat(128)).id()).hasSize(128);
    assertThat(parse("1-" + "é".repeat(64)).id()).hasSize(128);
  }

  @ParameterizedTest
  @ValueSource(ints = {129, 100_000})
  void parse_longerId_nothing(int length) {
    assertThat(Revision.parse("1-" + "x".repeat(length))).isEmpty();
  }

  @Test
  void parse_idLongerInBytesOnly_nothing() {
    assertThat(Revision.parse("1-" + "é".repeat(65))).isEmpty();
    assertThat(Revision.parse("1-" + "x".repeat(127) + "é")).isEmpty();
  }

  @Test
  void parse_halfASurrogatePair_nothing() {
    assertThat(Revision.parse("1-\uD800")).isEmpty();
    assertThat(Revision.parse("1-\uDC00\uD800")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "1000000000000000-a", "9223372036854775808-a", "99999999999999999999-a",
    "18446744073709551617-a"
  })
  void parse_hugePosition_isReadButNotStorable(String text) {
    assertThat(parse(text).position()).isEqualTo(1_000_000_000_000_000L);
    assertThat(parse(text).isStorable()).isFalse();
  }

  @Test
  void parse_veryLongPosition_isRead() {
    assertThat(parse("9".repeat(100_000) + "-a").isStorable()).isFalse();
  }

  @Test
  void isStorable_limits() {
    assertThat(parse("1-a").isStorable()).isTrue();
    assertThat(parse("999999999999999-a").isStorable()).isTrue();
    assertThat(parse("0-a").isStorable()).isFalse();
    assertThat(parse("1-").isStorable()).isFalse();
  }

  @Test
  void compareTo_positionThenUnsignedBytes() {
    List<Revision> ascending =
        Stream.of(
            "1-00000000000000000000000000000000",
            "1-7fffffffffffffffffffffffffffffff",
            "1-80000000000000000000000000000000",
            "1-ffffffffffffffffffffffffffffffff",
            "2-",
            "2-9",
            "2-a",
            "2-aa",
            "2-b",
            "2-é",
            "10-a")
            .map(RevisionTest::parse)
            .toList();
    assertThat(ascending.reversed().stream().sorted().toList()).isEqualTo(ascending);
  }

  @Test
  void parseId_thirtyTwoCharactersThatAreNotHex_text() {
    Optional<byte[]> id = Revision.parseId("z".repeat(32));
    assertThat(id).hasValueSatisfying(bytes -> assertThat(bytes).hasSize(32));
  }
}

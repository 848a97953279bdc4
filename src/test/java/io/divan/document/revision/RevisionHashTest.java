package io.divan.document.revision;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The digests were made by md5sum: changing one would make every replica disagree. */
class RevisionHashTest {

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "false |                                    | {}        | 7fb403f73a4446d70cf0a21a97e0b10a",
    "false |                                    | {\"a\":1} | 73e739f17d43286245f535443683a01a",
    "true  | 1-967a00dff5e02add41819138abb3284d | {}        | 529e78036eb59e9659643b7569c09ed2",
    "false | 2-x                                | {\"n\":\"é\"}"
        + " | 14600c6a16970f0f7ce271b9fb4cf6f8",
  })
  void of_frozenExamples(boolean deleted, String previous, String body, String hash) {
    Optional<Revision> parent = Optional.ofNullable(previous).flatMap(Revision::parse);
    byte[] id = RevisionHash.of(deleted, parent, body.getBytes(StandardCharsets.UTF_8), List.of());
    assertThat(HexFormat.of().formatHex(id)).isEqualTo(hash);
  }
}

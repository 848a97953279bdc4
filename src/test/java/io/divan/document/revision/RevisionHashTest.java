package io.divan.document.revision;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The digests were made by md5sum: changing one would make every replica disagree. */
class RevisionHashTest {
  private static final String HELLO = "5d41402abc4b2a76b9719d911017c592";

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

  /** The digests before compression were made by md5sum, too: of no bytes, and of "hello". */
  @Test
  void of_frozenExamplesWithAttachments() {
    Attachment empty = attachment("Z", "", "d41d8cd98f00b204e9800998ecf8427e", 0, 1);
    Attachment image = attachment("é/b", "image/png", HELLO, 1, 2);
    Attachment text = attachment("a.txt", "text/plain", HELLO, 2, 1);
    assertThat(hash(Optional.empty(), "{}", text))
        .isEqualTo("b0c255107b044e9f73e4a95f96fabd8b");
    assertThat(hash(Revision.parse("2-x"), "{\"n\":1}", image, empty))
        .isEqualTo("40cbe97c70c3bd492150b2a617c97d91")
        .isEqualTo(hash(Revision.parse("2-x"), "{\"n\":1}", empty, image));
  }

  private static String hash(
      Optional<Revision> previous, String body, Attachment... attachments) {
    byte[] json = body.getBytes(StandardCharsets.UTF_8);
    return HexFormat.of()
        .formatHex(RevisionHash.of(false, previous, json, List.of(attachments)));
  }

  /** An attachment whose other properties do not count. */
  private static Attachment attachment(
      String name, String type, String identityMd5, int other, long position) {
    byte[] identity = HexFormat.of().parseHex(identityMd5);
    byte[] stored = new byte[16];
    stored[0] = (byte) other;
    return new Attachment(
        name,
        type,
        new Content(new byte[32], stored, identity, other, 5, other > 1),
        position);
  }
}

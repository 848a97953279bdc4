package io.divan.document.attachment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentDigestTest {

  @Test
  void digests_ofText() throws IOException {
    ContentDigest digest = ContentDigest.ofMd5AndSha256();
    digest.write("This is a base64".getBytes(UTF_8));
    digest.write(' ');
    digest.write("x encoded text".getBytes(UTF_8), 2, 12);
    assertThat(digest.length()).isEqualTo(29);
    assertThat(ContentDigest.text(digest.md5())).isEqualTo("md5-aEI7pOYCRBLTRQvvqYrrJQ==");
    assertThat(HexFormat.of().formatHex(digest.sha256())).isEqualTo(
        "3826dd10821bdcfa8840dc09c22b7406440430e0a4bc3d85d6e074e1cefc84f4");
  }

  @Test
  void parse_text() {
    assertThat(ContentDigest.parse("md5-aEI7pOYCRBLTRQvvqYrrJQ==").map(ContentDigest::text))
        .contains("md5-aEI7pOYCRBLTRQvvqYrrJQ==");
    assertThat(ContentDigest.parseMd5("aEI7pOYCRBLTRQvvqYrrJQ==")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sha-1", "md5-", "md5-!!", "md5-YWJj", "md5-aEI7pOYCRBLTRQvvqYrrJQ",
    "aEI7pOYCRBLTRQvvqYrrJQ=="})
  void parse_malformed(String text) {
    assertThat(ContentDigest.parse(text)).isEmpty();
  }
}

package io.divan.document.attachment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ContentDigestTest {

  @Test
  void digests_ofText() throws IOException {
    ContentDigest digest = ContentDigest.ofMd5AndSha256();
    digest.write("This is a base64".getBytes(UTF_8));
    digest.write(' ');
    digest.write("x encoded text".getBytes(UTF_8), 2, 12);
    assertThat(digest.length()).isEqualTo(29);
    assertThat(digest.md5()).asBase64Encoded().isEqualTo("aEI7pOYCRBLTRQvvqYrrJQ==");
    assertThat(HexFormat.of().formatHex(digest.sha256())).isEqualTo(
        "3826dd10821bdcfa8840dc09c22b7406440430e0a4bc3d85d6e074e1cefc84f4");
  }
}

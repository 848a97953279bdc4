package io.divan.document.revision;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentTest {

  @Test
  void parseMd5_ofDigest() {
    byte[] md5 = Content.parseMd5("aEI7pOYCRBLTRQvvqYrrJQ==").orElseThrow();
    assertThat(md5).asHexString().isEqualToIgnoringCase("68423BA4E6024412D3450BEFA98AEB25");
    assertThat(new Content(new byte[32], md5, md5, 0, 0, false).digest())
        .isEqualTo("md5-aEI7pOYCRBLTRQvvqYrrJQ==");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "!!", "YWJj", "aEI7pOYCRBLTRQvvqYrrJQ", "aEI7pOYCRBLTRQvvqYrrJQ=",
    "aEI7pOYCRBLTRQvvqYrrJQ==x", "aEI7pOYCRBLTRQvvqYrrJQ= ="})
  void parseMd5_malformed(String text) {
    assertThat(Content.parseMd5(text)).isEmpty();
  }
}

package io.divan.security.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** PBKDF2, with the vectors of RFC 6070 and of CouchDB's own tests. */
class Pbkdf2Test {

  private static String derive(
      HashAlgorithm prf, String password, String salt, int iterations, int bytes) {
    return HexFormat.of()
        .formatHex(
            Pbkdf2.derive(
                prf,
                password.getBytes(StandardCharsets.UTF_8),
                salt.getBytes(StandardCharsets.UTF_8),
                iterations,
                bytes));
  }

  @Test
  void derive_vectorsOfRfc6070_match() {
    assertThat(derive(HashAlgorithm.SHA, "password", "salt", 1, 20))
        .isEqualTo("0c60c80f961f0e71f3a9b524af6012062fe037a6");
    assertThat(derive(HashAlgorithm.SHA, "password", "salt", 2, 20))
        .isEqualTo("ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
    assertThat(derive(HashAlgorithm.SHA, "password", "salt", 4096, 20))
        .isEqualTo("4b007901b765489abead49d926f721d065a429c1");
    assertThat(
        derive(
            HashAlgorithm.SHA,
            "passwordPASSWORDpassword",
            "saltSALTsaltSALTsaltSALTsaltSALTsalt",
            4096,
            25))
        .isEqualTo("3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
    assertThat(derive(HashAlgorithm.SHA, "pass\0word", "sa\0lt", 4096, 16))
        .isEqualTo("56fa6aa75548099dcc37d7f03425e0c3");
  }

  /** From RFC 7914, section 11. */
  @Test
  void derive_vectorOfRfc7914_matches() {
    assertThat(derive(HashAlgorithm.SHA256, "passwd", "salt", 1, 64))
        .isEqualTo(
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
                + "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  }

  @Test
  void derive_emptyPasswordAndSalt_isAccepted() {
    assertThat(derive(HashAlgorithm.SHA256, "", "", 2, 32)).hasSize(64);
  }

  @Test
  void derive_interrupted_stops() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(
          () -> derive(HashAlgorithm.SHA256, "password", "salt", Integer.MAX_VALUE, 32))
          .isInstanceOf(CancellationException.class);
    } finally {
      Thread.interrupted();
    }
  }
}

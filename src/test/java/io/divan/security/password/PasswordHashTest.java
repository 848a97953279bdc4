package io.divan.security.password;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The texts of administrators' hashes. */
class PasswordHashTest {

  private static final String SHA_KEY = "43ecbd256a70a3a2f7de40d2374b6c3002918834";

  @ParameterizedTest
  @ValueSource(strings = {
    "-pbkdf2-43ecbd256a70a3a2f7de40d2374b6c3002918834,921a12f74df0c1052b3e562a23cd227f,10000",
    "-pbkdf2:sha256-00ff,salt,600000",
    "-pbkdf2:sha512-00ff,,1",
    "-hashed-43ecbd256a70a3a2f7de40d2374b6c3002918834,salt",
    "-simple+pbkdf2:sha256-00ff,salt,5",
  })
  void parse_hash_isWrittenBackTheSame(String text) {
    assertThat(PasswordHash.parse(text).map(PasswordHash::toText)).hasValue(text);
  }

  @Test
  void parse_hashOfCouchDbsDocumentation_hasItsParts() {
    assertThat(
        PasswordHash.parse(
            "-pbkdf2-" + SHA_KEY + ",921a12f74df0c1052b3e562a23cd227f,10000"))
        .hasValue(
            new PasswordHash(
                "pbkdf2", "sha", "921a12f74df0c1052b3e562a23cd227f", 10_000, SHA_KEY));
    assertThat(PasswordHash.parse("-pbkdf2:sha-00ff,s,2"))
        .hasValue(new PasswordHash("pbkdf2", "sha", "s", 2, "00ff"));
    assertThat(PasswordHash.parse("-hashed-" + SHA_KEY + ",s"))
        .hasValue(PasswordHash.simple("s", SHA_KEY));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "secret", "-pbkdf2", "-pbkdf2-00ff,salt", "-pbkdf2:md5-00ff,salt,1",
    "-pbkdf2:sha256-00f,salt,1", "-pbkdf2:sha256-00ff,salt,0",
    "-pbkdf2:sha256-00ff,salt,2147483648", "-pbkdf2:sha256-00ff,salt,1 ", "-hashed-00ff,s",
  })
  void parse_otherText_isEmpty(String text) {
    assertThat(PasswordHash.parse(text)).isEqualTo(Optional.empty());
  }

  @Test
  void toString_any_showsNeitherKeyNorSalt() {
    assertThat(new PasswordHash("pbkdf2", "sha256", "SALT", 5, "00ff").toString())
        .doesNotContain("SALT", "00ff");
  }
}

package io.divan.security.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Second factors, with the vectors of RFC 4226, RFC 4648 and RFC 6238. */
class TotpTest {
  private static final String DIGITS = "1234567890";

  private static byte[] key(int length) {
    return DIGITS.repeat(7).substring(0, length).getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @CsvSource({
    "59, 94287082, 46119246, 90693936",
    "1111111109, 07081804, 68084774, 25091201",
    "1111111111, 14050471, 67062674, 99943326",
    "1234567890, 89005924, 91819424, 93441116",
    "2000000000, 69279037, 90698825, 38618901",
    "20000000000, 65353130, 77737706, 47863826",
  })
  void token_vectorsOfRfc6238_match(long second, String sha1, String sha256, String sha512) {
    assertThat(new Totp(key(20), "sha", 8).token(second)).isEqualTo(sha1);
    assertThat(new Totp(key(32), "sha256", 8).token(second)).isEqualTo(sha256);
    assertThat(new Totp(key(64), "sha512", 8).token(second)).isEqualTo(sha512);
  }

  @Test
  void hotp_vectorsOfRfc4226_match() {
    List<String> expected =
        List.of(
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489");
    Totp totp = new Totp(key(20), "sha", 6);
    for (int counter = 0; counter < expected.size(); counter++) {
      assertThat(totp.hotp(counter)).isEqualTo(expected.get(counter));
    }
  }

  @Test
  void verify_neighbouringSteps_count() {
    Totp totp = new Totp(key(20), "sha", 6);
    String token = totp.token(1_111_111_111);

    for (int seconds : new int[] {-30, 0, 30}) {
      assertThat(totp.verify(token, Instant.ofEpochSecond(1_111_111_111 + seconds))).isTrue();
    }
    assertThat(totp.verify(token, Instant.ofEpochSecond(1_111_111_111 + 60))).isFalse();
    assertThat(totp.verify(token, Instant.ofEpochSecond(1_111_111_111 - 60))).isFalse();
    assertThat(totp.verify("", Instant.ofEpochSecond(1_111_111_111))).isFalse();
    assertThat(totp.verify("0" + token, Instant.ofEpochSecond(1_111_111_111))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "'', ''", "f, MY======", "fo, MZXQ====", "foo, MZXW6===", "foob, MZXW6YQ=",
    "fooba, MZXW6YTB", "foobar, MZXW6YTBOI======", "foobar, MZXW6YTBOI",
  })
  void decode_vectorsOfRfc4648_match(String plain, String encoded) {
    assertThat(Base32.decode(encoded)).asString(StandardCharsets.US_ASCII).isEqualTo(plain);
  }

  @ParameterizedTest
  @ValueSource(strings = {"MZXW6YT1", "mzxq====", "M", "MZX", "MY=A", " MY"})
  void decode_otherText_isRefused(String encoded) {
    assertThatThrownBy(() -> Base32.decode(encoded)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void new_unknownAlgorithmOrLength_isRefused() {
    assertThatThrownBy(() -> Totp.ofBase32("MY======", "md5", 6))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Totp.ofBase32("MY======", "sha", 5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Totp.ofBase32("MY======", "sha224", 7))
        .isEqualTo(new Totp(new byte[] {'f'}, "sha224", 7));
    assertThat(Totp.ofBase32("MY======", "sha384", 7).toString()).doesNotContain("MY", "f");
  }
}

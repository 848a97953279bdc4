package io.divan.security.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.configuration.ConfigurationException;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.DocumentException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Hashing and checking passwords. */
class PasswordHasherTest {
  private static final int ITERATIONS = 10;

  private final ManualClock clock = new ManualClock(Instant.ofEpochSecond(1_700_000_000));
  private final RuntimeConfiguration configuration = new RuntimeConfiguration();
  private final PasswordHasher hasher =
      new PasswordHasher(
          PasswordSettings.declare(
              configuration, new PasswordProperties(ITERATIONS, 1, 1_000, "sha256", "")),
          HashingPool.Limits.DEFAULTS,
          clock);

  @AfterEach
  void close() {
    hasher.close();
  }

  private boolean matches(String password, PasswordHash hash) {
    return hasher.matches("name", password, Optional.of(hash));
  }

  @Test
  void hash_password_hasThePresentSettingsAndANewSalt() {
    PasswordHash hash = hasher.hash("secret");

    assertThat(hash.scheme()).isEqualTo("pbkdf2");
    assertThat(hash.prf()).isEqualTo("sha256");
    assertThat(hash.iterations()).isEqualTo(ITERATIONS);
    assertThat(hash.salt()).matches("[0-9a-f]{32}").isNotEqualTo(hasher.hash("secret").salt());
    assertThat(hash.key()).matches("[0-9a-f]{64}");
    assertThat(hasher.hash("secret", hash.salt())).isEqualTo(hash);
  }

  @Test
  void matches_password_onlyTheRightOne() {
    PasswordHash hash = hasher.hash("secret");

    assertThat(matches("secret", hash)).isTrue();
    assertThat(matches("secret", hash)).as("remembered").isTrue();
    assertThat(matches("Secret", hash)).isFalse();
    assertThat(matches("", hash)).isFalse();
    assertThat(hasher.matches("name", "secret", Optional.empty())).isFalse();
  }

  /** As CouchDB's own simple_pbkdf2_test. */
  @Test
  void matches_olderSchemes_areAccepted() {
    String sha = "8d1c9ac7bf41c5ef9d5a3e7b1cf5cb3e0dd5f0f3"; // of another password
    assertThat(matches("0123456789", PasswordHash.simple("salt", sha))).isFalse();

    PasswordHash simple =
        PasswordHash.simple("salt", "8152bc582f58c854f580cb101d3182813dec4afe"); // of "secret"
    assertThat(matches("secret", simple)).isTrue();
    PasswordHash wrapped = hasher.hash(simple.key(), "salt");
    PasswordHash both =
        new PasswordHash("simple+pbkdf2", "sha256", "salt", ITERATIONS, wrapped.key());
    assertThat(matches("secret", both)).isTrue();
    assertThat(matches("secret!", both)).isFalse();
    assertThat(matches("secret", new PasswordHash("bcrypt", "sha", "salt", 5, "00"))).isFalse();
  }

  /** CouchDB 3.5.2 stored this hash in a user document. */
  @Test
  void matches_hashOfCouchDb_isAccepted() {
    PasswordHash hash =
        new PasswordHash(
            "pbkdf2",
            "sha256",
            "5787f28def209cf955cd9fa78b16995e",
            600_000,
            "ed1a8a667f75a8e6b31516d3652d9b99fedeaa94ba975d056c647ce4709b705e");
    try (PasswordHasher other = PasswordHasher.withIterations(ITERATIONS)) {
      assertThat(other.matches("joé", "sécret", Optional.of(hash))).isTrue();
      assertThat(other.needsUpgrade(hash)).isTrue();
    }
  }

  @Test
  void matches_hashOutsideOfTheLimits_isForbidden() {
    configuration.set("chttpd_auth", "min_iterations", "5", false);

    assertForbidden("sha256", 4, "Iteration count is too low for this server");
    assertForbidden("sha256", 1_001, "Iteration count is too high for this server");
    assertForbidden("md5", 10, "PRF is invalid");
  }

  private void assertForbidden(String prf, int iterations, String reason) {
    assertThatThrownBy(() -> matches("x", new PasswordHash("pbkdf2", prf, "s", iterations, "00")))
        .isInstanceOf(DocumentException.Forbidden.class)
        .hasMessage(reason);
  }

  @Test
  void needsUpgrade_otherThanNewHashes_isTrue() {
    PasswordHash hash = hasher.hash("secret");
    assertThat(hasher.needsUpgrade(hash)).isFalse();
    assertThat(hasher.needsUpgrade(PasswordHash.simple("s", hash.key()))).isTrue();
    assertThat(hasher.needsUpgrade(new PasswordHash("pbkdf2", "sha", "s", ITERATIONS, "00")))
        .isTrue();

    configuration.set("chttpd_auth", "iterations", "11", false);

    assertThat(hasher.needsUpgrade(hash)).isTrue();
    assertThat(hasher.hash("secret").iterations()).isEqualTo(11);
    configuration.set("chttpd_auth", "pbkdf2_prf", "sha512", false);
    assertThat(hasher.hash("secret").key()).hasSize(128);
    assertThat(matches("secret", hash)).isTrue();
  }

  @Test
  void settings_unknownValue_isRefused() {
    assertThatThrownBy(() -> configuration.set("chttpd_auth", "pbkdf2_prf", "md5", false))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> configuration.set("chttpd_auth", "password_scheme", "simple", false))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> configuration.set("chttpd_auth", "iterations", "0", false))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void passwordEncoder_text_isAnAdministratorsHash() {
    String encoded = hasher.encode("secret");

    assertThat(encoded).startsWith("-pbkdf2:sha256-").endsWith("," + ITERATIONS);
    assertThat(hasher.matches("secret", encoded)).isTrue();
    assertThat(hasher.matches("other", encoded)).isFalse();
    assertThat(hasher.upgradeEncoding(encoded)).isFalse();
    assertThat(hasher.upgradeEncoding(encoded.replace(",10", ",9"))).isTrue();
  }

  /** The cache is seen through the pool: it refuses all work once it is closed. */
  @Test
  void matches_rememberedPassword_needsNoHashingForMinutes() {
    PasswordHash hash = hasher.hash("secret");
    PasswordHash changed = hasher.hash("other");
    assertThat(matches("secret", hash)).isTrue();
    assertThat(matches("wrong", hash)).isFalse();
    hasher.close();

    assertThat(matches("secret", hash)).isTrue();
    assertOverloaded("wrong", hash);
    assertOverloaded("secret", changed);
    assertThatThrownBy(() -> hasher.matches("another", "secret", Optional.of(hash)))
        .isInstanceOf(PasswordHasher.Overloaded.class);
    clock.advance(Duration.ofMinutes(5));
    assertOverloaded("secret", hash);
  }

  private void assertOverloaded(String password, PasswordHash hash) {
    assertThatThrownBy(() -> matches(password, hash))
        .isInstanceOfSatisfying(
            PasswordHasher.Overloaded.class,
            e -> assertThat(e.retryAfterSeconds()).isBetween(1, 5));
  }
}

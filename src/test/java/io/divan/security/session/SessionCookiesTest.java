package io.divan.security.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.configuration.ConfigurationException;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.DocumentException;
import io.divan.security.password.ManualClock;
import io.divan.security.session.SessionCookies.Attributes;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Seeds;
import io.divan.storage.checked.CheckedAdapter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Session cookies, compared with those of CouchDB 3.5.2. */
class SessionCookiesTest {
  private static final String SECRET = "92de07df7e7a3fe14808cef90a7cc0d91";

  /** CouchDB 3.5.2 gave this cookie to the user joé, whose password had this salt. */
  private static final String COUCHDB_COOKIE =
      "am_DqTo2QjAxODVGRTq5Yjj0e6MImsKTKKxY-jAFAJxQt2IfcG_E0JoXj0H0QA";

  private static final String COUCHDB_SALT = "5787f28def209cf955cd9fa78b16995e";
  private static final Instant COUCHDB_TIME = Instant.ofEpochSecond(0x6B0185FE);

  private final ManualClock clock = new ManualClock(COUCHDB_TIME);
  private final CheckedAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final RuntimeConfiguration configuration = new RuntimeConfiguration();
  private final SessionSettings settings =
      SessionSettings.declare(
          configuration,
          new SessionProperties(
              SECRET, Duration.ofMinutes(10), List.of("sha256", "sha"), true, "", ""));
  private final SessionCookies cookies =
      new SessionCookies(
          new SessionSecrets(new SecretsRow(adapter::system), settings, clock), settings);

  @AfterEach
  void close() {
    adapter.close();
  }

  private void set(String key, String value) {
    configuration.set("chttpd_auth", key, value, false);
  }

  @Test
  void create_sameInput_givesCouchDbsCookie() {
    assertThat(cookies.create("joé", COUCHDB_SALT, COUCHDB_TIME)).isEqualTo(COUCHDB_COOKIE);
  }

  @Test
  void verify_couchDbsCookie_isAccepted() {
    assertThat(cookies.read(COUCHDB_COOKIE))
        .hasValue(new SessionCookies.Session("joé", COUCHDB_TIME));
    assertThat(cookies.verify(COUCHDB_COOKIE, COUCHDB_SALT, COUCHDB_TIME)).isTrue();
    assertThat(cookies.verify(COUCHDB_COOKIE, "another salt", COUCHDB_TIME)).isFalse();
  }

  @Test
  void verify_timeout_endsTheSession() {
    assertThat(cookies.verify(COUCHDB_COOKIE, COUCHDB_SALT, COUCHDB_TIME.plusSeconds(599)))
        .isTrue();
    assertThat(cookies.verify(COUCHDB_COOKIE, COUCHDB_SALT, COUCHDB_TIME.plusSeconds(600)))
        .isFalse();

    set("timeout", "601");

    assertThat(cookies.timeout()).isEqualTo(Duration.ofSeconds(601));
    assertThat(cookies.verify(COUCHDB_COOKIE, COUCHDB_SALT, COUCHDB_TIME.plusSeconds(600)))
        .isTrue();
  }

  @Test
  void verify_algorithms_allVerifyAndTheFirstSigns() {
    set("hash_algorithms", "sha, sha256");
    String sha = cookies.create("joé", COUCHDB_SALT, COUCHDB_TIME);
    assertThat(sha).hasSizeLessThan(COUCHDB_COOKIE.length());
    assertThat(cookies.verify(sha, COUCHDB_SALT, COUCHDB_TIME)).isTrue();
    assertThat(cookies.verify(COUCHDB_COOKIE, COUCHDB_SALT, COUCHDB_TIME)).isTrue();

    set("hash_algorithms", "sha512");

    assertThat(cookies.verify(sha, COUCHDB_SALT, COUCHDB_TIME)).isFalse();
    assertThat(cookies.verify(COUCHDB_COOKIE, COUCHDB_SALT, COUCHDB_TIME)).isFalse();
    assertThatThrownBy(() -> set("hash_algorithms", "md5"))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> set("hash_algorithms", ","))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void verify_cookieChangedAtRandom_isNotAccepted() {
    long seed = Seeds.seed(15);
    Random random = new Random(seed);
    byte[] bytes = Base64.getUrlDecoder().decode(COUCHDB_COOKIE);
    for (int i = 0; i < 2_000; i++) {
      byte[] changed = bytes.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      String cookie = Base64.getUrlEncoder().withoutPadding().encodeToString(changed);
      boolean accepted;
      try {
        accepted = cookies.verify(cookie, COUCHDB_SALT, COUCHDB_TIME);
      } catch (DocumentException.BadRequest e) {
        accepted = false;
      }
      assertThat(accepted).as(cookie + "; " + Seeds.replay(seed)).isFalse();
    }
  }

  /** The MAC of some cookies contains a colon. */
  @Test
  void verify_ownCookies_areAlwaysAccepted() {
    int colons = 0;
    for (int second = 0; second < 2_000; second++) {
      Instant now = COUCHDB_TIME.plusSeconds(second);
      String cookie = cookies.create("ann", "salt", now);
      assertThat(cookies.verify(cookie, "salt", now)).isTrue();
      String text =
          new String(Base64.getUrlDecoder().decode(cookie), StandardCharsets.ISO_8859_1);
      colons += text.indexOf(':', "ann:6B0185FE:".length()) >= 0 ? 1 : 0;
    }
    assertThat(colons).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "!", "am9l", "am9lOjY", "6TpBOg", "a b"})
  void read_malformed_isRefused(String value) {
    assertThatThrownBy(() -> cookies.read(value))
        .isInstanceOf(DocumentException.BadRequest.class)
        .hasMessage("Malformed AuthSession cookie. Please clear your cookies.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "am9lOjo", "am9lOng6", "am9lOi0xOg", "am9lOkZGRkZGRkZGRkZGRkY6"})
  void read_emptyOrWithoutATime_isIgnored(String value) {
    assertThat(cookies.read(value)).isEmpty();
    assertThat(cookies.verify(value, "", COUCHDB_TIME)).isFalse();
  }

  @Test
  void wantsRenewal_afterATenth_isTrue() {
    assertThat(cookies.wantsRenewal(COUCHDB_TIME, COUCHDB_TIME.plusSeconds(60))).isFalse();
    assertThat(cookies.wantsRenewal(COUCHDB_TIME, COUCHDB_TIME.plusSeconds(61))).isTrue();
  }

  @Test
  void attributes_settings_changeThem() {
    assertThat(cookies.attributes())
        .isEqualTo(
            new Attributes(
                Optional.of(Duration.ofMinutes(10)), Optional.empty(), Optional.empty()));

    set("allow_persistent_cookies", "false");
    set("cookie_domain", "example.com");
    set("same_site", "Strict");

    assertThat(cookies.attributes())
        .isEqualTo(
            new Attributes(Optional.empty(), Optional.of("example.com"), Optional.of("Strict")));
    for (String domain : List.of("a b", "a;b", "a\r\nb")) {
      assertThatThrownBy(() -> set("cookie_domain", domain))
          .isInstanceOf(ConfigurationException.class);
    }
    assertThatThrownBy(() -> set("same_site", "always"))
        .isInstanceOf(ConfigurationException.class);
  }
}

package io.divan.security.session;

import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.validation.annotation.Validated;

/**
 * Sessions and their cookies.
 *
 * @param secret signs cookies and the tokens of proxies; empty for a random one that is kept in the
 *     system store; CouchDB's {@code chttpd_auth/secret}
 * @param timeout how long a session lasts without a request; CouchDB's {@code chttpd_auth/timeout}
 * @param hashAlgorithms the hash functions that sign: the first one signs, all of them verify;
 *     CouchDB's {@code chttpd_auth/hash_algorithms}
 * @param allowPersistentCookies whether browsers keep the cookie when they close; CouchDB's {@code
 *     chttpd_auth/allow_persistent_cookies}
 * @param cookieDomain the cookie's attribute {@code Domain}; empty for none; CouchDB's {@code
 *     chttpd_auth/cookie_domain}
 * @param sameSite the cookie's attribute {@code SameSite}: {@code none}, {@code lax} or {@code
 *     strict}; empty for none; CouchDB's {@code chttpd_auth/same_site}
 */
@Validated
@ConfigurationProperties("divan.authentication")
record SessionProperties(
    @DefaultValue("") @NotNull String secret,
    @DefaultValue("600") @DurationUnit(ChronoUnit.SECONDS) @NotNull Duration timeout,
    @DefaultValue({
      "sha256", "sha"}) @NotEmpty List<String> hashAlgorithms,
    @DefaultValue("true") boolean allowPersistentCookies,
    @DefaultValue("") @NotNull String cookieDomain,
    @DefaultValue("") @NotNull String sameSite) {

  /** Describes the settings without the secret. */
  @Override
  public String toString() {
    return "SessionProperties[timeout=" + timeout + "]";
  }
}

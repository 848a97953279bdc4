package io.divan.security.session;

import static io.divan.configuration.RuntimeConfiguration.Trait.CHANGEABLE;
import static io.divan.configuration.RuntimeConfiguration.Trait.SECRET;

import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import io.divan.security.password.HashAlgorithm;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The present settings of sessions; see {@link SessionProperties}. */
record SessionSettings(
    Setting<String> secret,
    Setting<Duration> timeout,
    Setting<List<HashAlgorithm>> hashAlgorithms,
    Setting<Boolean> persistentCookies,
    Setting<String> cookieDomain,
    Setting<String> sameSite) {

  private static final String SECTION = "chttpd_auth";
  private static final String PREFIX = "divan.authentication.";
  private static final Pattern DOMAIN = Pattern.compile("\\.?[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*|");
  private static final ValueType<String> COOKIE_DOMAIN =
      new ValueType<>(
          text -> {
            if (DOMAIN.matcher(text).matches()) {
              return text;
            }
            throw new ValueType.InvalidValue("must be a domain, such as example.com");
          },
          text -> text);
  private static final ValueType<String> SAME_SITE =
      new ValueType<>(
          text -> {
            String lower = text.toLowerCase(Locale.ROOT);
            if (List.of("", "none", "lax", "strict").contains(lower)) {
              return lower;
            }
            throw new ValueType.InvalidValue("must be none, lax or strict");
          },
          text -> text);

  static SessionSettings declare(
      RuntimeConfiguration configuration, SessionProperties properties) {
    return new SessionSettings(
        configuration.declare(
            SECTION,
            "secret",
            PREFIX + "secret",
            ValueType.TEXT,
            properties.secret(),
            CHANGEABLE,
            SECRET),
        configuration.declare(
            SECTION,
            "timeout",
            PREFIX + "timeout",
            ValueType.seconds(Duration.ofSeconds(1), Duration.ofDays(3650)),
            properties.timeout(),
            CHANGEABLE),
        configuration.declare(
            SECTION,
            "hash_algorithms",
            PREFIX + "hash-algorithms",
            HashAlgorithm.LIST_TYPE,
            algorithms(properties.hashAlgorithms()),
            CHANGEABLE),
        configuration.declare(
            SECTION,
            "allow_persistent_cookies",
            PREFIX + "allow-persistent-cookies",
            ValueType.BOOLEAN,
            properties.allowPersistentCookies(),
            CHANGEABLE),
        configuration.declare(
            SECTION,
            "cookie_domain",
            PREFIX + "cookie-domain",
            COOKIE_DOMAIN,
            properties.cookieDomain(),
            CHANGEABLE),
        configuration.declare(
            SECTION,
            "same_site",
            PREFIX + "same-site",
            SAME_SITE,
            properties.sameSite(),
            CHANGEABLE));
  }

  private static List<HashAlgorithm> algorithms(List<String> names) {
    try {
      return HashAlgorithm.LIST_TYPE.parse().apply(String.join(",", names));
    } catch (ValueType.InvalidValue e) {
      throw new InvalidProperty(PREFIX + "hash-algorithms", String.valueOf(e.getMessage()));
    }
  }
}

package io.divan.security.password;

import static io.divan.configuration.RuntimeConfiguration.Trait.CHANGEABLE;

import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;

/** The present settings of hashing; see {@link PasswordProperties}. */
record PasswordSettings(
    Setting<HashAlgorithm> prf,
    Setting<Long> iterations,
    Setting<Long> minIterations,
    Setting<Long> maxIterations) {

  private static final ValueType<Long> ITERATIONS = ValueType.integer(1, Integer.MAX_VALUE);
  private static final ValueType<String> SCHEME =
      new ValueType<>(
          text -> {
            if (text.equals(PasswordHash.PBKDF2)) {
              return text;
            }
            throw new ValueType.InvalidValue(
                "must be pbkdf2: other schemes are accepted for stored passwords only");
          },
          text -> text);

  static PasswordSettings of(int iterations) {
    return new PasswordSettings(
        Setting.of(HashAlgorithm.SHA256),
        Setting.of((long) iterations),
        Setting.of(1L),
        Setting.of((long) Integer.MAX_VALUE));
  }

  static PasswordSettings declare(
      RuntimeConfiguration configuration, PasswordProperties properties) {
    configuration.declare(
        "chttpd_auth", "password_scheme", "", SCHEME, PasswordHash.PBKDF2, CHANGEABLE);
    HashAlgorithm prf =
        HashAlgorithm.named(properties.pbkdf2Prf())
            .orElseThrow(
                () -> new InvalidProperty(
                    "divan.authentication.pbkdf2-prf",
                    "must be one of sha, sha224, sha256, sha384, sha512"));
    return new PasswordSettings(
        configuration.declare(
            "chttpd_auth",
            "pbkdf2_prf",
            "divan.authentication.pbkdf2-prf",
            HashAlgorithm.TYPE,
            prf,
            CHANGEABLE),
        iterations(configuration, "iterations", properties.iterations()),
        iterations(configuration, "min_iterations", properties.minIterations()),
        iterations(configuration, "max_iterations", properties.maxIterations()));
  }

  private static Setting<Long> iterations(
      RuntimeConfiguration configuration, String key, long configured) {
    return configuration.declare(
        "chttpd_auth",
        key,
        "divan.authentication." + key.replace('_', '-'),
        ITERATIONS,
        configured,
        CHANGEABLE);
  }
}

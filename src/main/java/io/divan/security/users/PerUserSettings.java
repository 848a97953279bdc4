package io.divan.security.users;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The present settings of the databases of single users; see {@link PerUserProperties}. */
record PerUserSettings(
    Setting<Boolean> enabled, Setting<Boolean> deleteDatabases, Setting<String> prefix) {
  private static final String SECTION = "couch_peruser";
  private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9_$()+/-]*");

  /** Texts that begin a legal database name. */
  private static final ValueType<String> PREFIXES =
      new ValueType<>(
          text -> {
            if (!PREFIX.matcher(text).matches()) {
              throw new ValueType.InvalidValue(
                  "must begin with a lowercase letter and contain only lowercase letters, digits"
                      + " and any of the characters _, $, (, ), +, -, and /");
            }
            return text;
          },
          Function.identity());

  static PerUserSettings declare(
      RuntimeConfiguration configuration, PerUserProperties configured) {
    return new PerUserSettings(
        configuration.declare(
            SECTION,
            "enable",
            "divan.per-user-databases.enabled",
            ValueType.BOOLEAN,
            configured.enabled(),
            Trait.CHANGEABLE),
        configuration.declare(
            SECTION,
            "delete_dbs",
            "divan.per-user-databases.delete-databases",
            ValueType.BOOLEAN,
            configured.deleteDatabases(),
            Trait.CHANGEABLE),
        configuration.declare(
            SECTION,
            "database_prefix",
            "divan.per-user-databases.prefix",
            PREFIXES,
            configured.prefix(),
            Trait.CHANGEABLE));
  }
}

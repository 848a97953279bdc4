package io.divan.security.users;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import java.util.List;

/** The present settings of the database {@code _users}; see {@link UsersProperties}. */
record UsersSettings(
    Setting<List<String>> publicFields,
    Setting<Boolean> open,
    Setting<Boolean> securityEditable,
    Setting<Boolean> upgradeHashes,
    Setting<Boolean> allowConflictedUserDocs) {

  static UsersSettings declare(RuntimeConfiguration configuration, UsersProperties configured) {
    return new UsersSettings(
        configuration.declare(
            "chttpd_auth",
            "public_fields",
            "divan.users.public-fields",
            ValueType.WORDS,
            configured.publicFields(),
            Trait.CHANGEABLE),
        configuration.declare(
            "chttpd_auth",
            "users_db_public",
            "divan.users.open",
            ValueType.BOOLEAN,
            configured.open(),
            Trait.CHANGEABLE),
        configuration.declare(
            "couchdb",
            "users_db_security_editable",
            "divan.users.security-editable",
            ValueType.BOOLEAN,
            configured.securityEditable(),
            Trait.CHANGEABLE),
        configuration.declare(
            "chttpd_auth",
            "upgrade_hash_on_auth",
            "divan.users.upgrade-hashes",
            ValueType.BOOLEAN,
            configured.upgradeHashes(),
            Trait.CHANGEABLE),
        configuration.declare(
            "chttpd_auth",
            "allow_conflicted_user_docs",
            "divan.users.allow-conflicted-user-docs",
            ValueType.BOOLEAN,
            configured.allowConflictedUserDocs(),
            Trait.CHANGEABLE));
  }
}

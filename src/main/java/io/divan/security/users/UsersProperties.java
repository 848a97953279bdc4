package io.divan.security.users;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the database {@code _users}.
 *
 * @param publicFields the members of user documents that everyone may read who may use {@code
 *     _users}; CouchDB's {@code chttpd_auth/public_fields}
 * @param open whether everyone may sign up and edit the own user document; CouchDB's {@code
 *     chttpd_auth/users_db_public}
 * @param securityEditable whether the security object of {@code _users} may be changed; CouchDB's
 *     {@code couchdb/users_db_security_editable}
 * @param upgradeHashes whether a log-in replaces a stored hash of an older scheme or iteration
 *     count; CouchDB's {@code chttpd_auth/upgrade_hash_on_auth}
 * @param allowConflictedUserDocs whether a user whose document has conflicts can log in; CouchDB's
 *     {@code chttpd_auth/allow_conflicted_user_docs}
 */
@ConfigurationProperties("divan.users")
record UsersProperties(
    @DefaultValue List<String> publicFields,
    @DefaultValue("false") boolean open,
    @DefaultValue("false") boolean securityEditable,
    @DefaultValue("true") boolean upgradeHashes,
    @DefaultValue("false") boolean allowConflictedUserDocs) {}

package io.divan.security.users;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the databases of single users.
 *
 * @param enabled whether each user has a database; CouchDB's {@code couch_peruser/enable}
 * @param deleteDatabases whether the database of a deleted user is deleted; CouchDB's {@code
 *     couch_peruser/delete_dbs}
 * @param prefix the begin of the databases' names, a legal name itself; CouchDB's {@code
 *     couch_peruser/database_prefix}
 */
@ConfigurationProperties("divan.per-user-databases")
record PerUserProperties(
    @DefaultValue("false") boolean enabled,
    @DefaultValue("false") boolean deleteDatabases,
    @DefaultValue("userdb-") String prefix) {}

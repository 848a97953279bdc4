package io.divan.security;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may do what without being named in a database's security object.
 *
 * @param requireValidUser whether every request needs a valid user, those for {@code /} and {@code
 *     /_up} included
 * @param requireValidUserExceptForUp whether every request but those for {@code /_up} needs a valid
 *     user
 * @param adminOnlyAllDbs whether only server administrators may list databases
 * @param defaultSecurity who may use a new database: {@code admin_only}, {@code admin_local} or
 *     {@code everyone}. One machine is no different from another here, so that {@code admin_local}
 *     is {@code everyone}.
 * @param openMetrics whether everybody may read {@code /actuator/prometheus}; otherwise it needs a
 *     server administrator or the role {@code _metrics}
 */
@ConfigurationProperties("divan.access")
record AccessProperties(
    @DefaultValue("false") boolean requireValidUser,
    @DefaultValue("false") boolean requireValidUserExceptForUp,
    @DefaultValue("true") boolean adminOnlyAllDbs,
    @DefaultValue("admin_only") DefaultSecurity defaultSecurity,
    @DefaultValue("false") boolean openMetrics) {

  /** The security object of a new database. */
  enum DefaultSecurity {
    ADMIN_ONLY,
    ADMIN_LOCAL,
    EVERYONE
  }
}

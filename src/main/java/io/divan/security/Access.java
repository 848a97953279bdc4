package io.divan.security;

import static io.divan.configuration.RuntimeConfiguration.Trait.CHANGEABLE;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import io.divan.document.AccessPolicy;
import io.divan.document.Action;
import io.divan.document.DocumentException;
import io.divan.document.Principal;
import io.divan.document.SecurityObject;
import io.divan.security.users.UsersAccess;
import io.divan.security.users.UsersDatabase;
import java.util.Set;

/**
 * The one policy that decides who may do what. Statuses and reasons are CouchDB's: what its router
 * refuses is 401 for everybody, what a database refuses is 401 for anonymous requests and 403 for
 * users. Safe for use by many threads.
 */
public final class Access implements AccessPolicy {

  /** The role of principals that may read statistics and nothing else. */
  public static final String METRICS_ROLE = "_metrics";

  /** Databases whose documents and changes only server administrators list. */
  private static final Set<String> SYSTEM = Set.of("_users", "_replicator");

  private final Setting<Boolean> requireValidUser;
  private final Setting<Boolean> requireValidUserExceptForUp;
  private final Setting<Boolean> adminOnlyAllDbs;
  private final Setting<AccessProperties.DefaultSecurity> defaultSecurity;
  private final boolean openMetrics;
  private final UsersAccess users;

  Access(
      AccessProperties properties, RuntimeConfiguration configuration, UsersAccess users) {
    this.users = users;
    requireValidUser =
        configuration.declare(
            "chttpd",
            "require_valid_user",
            "divan.access.require-valid-user",
            ValueType.BOOLEAN,
            properties.requireValidUser(),
            CHANGEABLE);
    requireValidUserExceptForUp =
        configuration.declare(
            "chttpd",
            "require_valid_user_except_for_up",
            "divan.access.require-valid-user-except-for-up",
            ValueType.BOOLEAN,
            properties.requireValidUserExceptForUp(),
            CHANGEABLE);
    adminOnlyAllDbs =
        configuration.declare(
            "chttpd",
            "admin_only_all_dbs",
            "divan.access.admin-only-all-dbs",
            ValueType.BOOLEAN,
            properties.adminOnlyAllDbs(),
            CHANGEABLE);
    defaultSecurity =
        configuration.declare(
            "couchdb",
            "default_security",
            "divan.access.default-security",
            ValueType.oneOf(AccessProperties.DefaultSecurity.class),
            properties.defaultSecurity(),
            CHANGEABLE);
    openMetrics = properties.openMetrics();
  }

  /** Whether a request that is not for {@code /_up} needs a valid user. */
  public boolean requiresUser() {
    return requireValidUser.get() || requireValidUserExceptForUp.get();
  }

  /** Whether a request for {@code /_up} needs a valid user. */
  public boolean requiresUserForUp() {
    return requireValidUser.get() && !requireValidUserExceptForUp.get();
  }

  /** Whether browsers are asked for a name and password instead of being redirected. */
  public boolean promptsBrowsers() {
    return requireValidUser.get();
  }

  /** Whether everybody may read the metrics of {@code /actuator/prometheus}. */
  public boolean opensMetrics() {
    return openMetrics;
  }

  @Override
  public boolean letsEverybodyIntoNew(String database) {
    return defaultSecurity.get() != AccessProperties.DefaultSecurity.ADMIN_ONLY
        && !SYSTEM.contains(database);
  }

  @Override
  public void check(
      Principal principal, Action action, String database, SecurityObject security) {
    if (action == Action.SET_SECURITY) {
      users.checkSecurityEditable(database);
    }
    if (principal.isServerAdmin()) {
      return;
    }
    switch (action) {
      case USE -> {
        if (!(database.equals(UsersDatabase.NAME) && users.isOpen())) {
          requireMember(principal, security);
        }
      }
      case LIST -> {
        if (SYSTEM.contains(database)) {
          throw notServerAdmin();
        }
        requireMember(principal, security);
      }
      case EDIT_DESIGN, ADMINISTER, SET_SECURITY -> {
        requireMember(principal, security);
        if (!security.isAdmin(principal)) {
          throw refusal(principal, "You are not a db or server admin.");
        }
      }
      case COMPACT -> {
        requireMember(principal, security);
        if (!security.isAdmin(principal)) {
          throw new DocumentException.Unauthorized("You are not a server or db admin.");
        }
      }
      case PURGE -> throw notServerAdmin();
    }
  }

  /**
   * Checks that a principal may ask something of the server.
   *
   * @throws DocumentException.Unauthorized when it may not
   */
  public void check(Principal principal, ServerAction action) {
    if (principal.isServerAdmin()) {
      return;
    }
    switch (action) {
      case GREET -> {
        // everybody may
      }
      case LIST_DATABASES -> {
        if (adminOnlyAllDbs.get()) {
          throw notServerAdmin();
        }
      }
      case REPLICATE -> {
        if (principal.name().isEmpty()) {
          throw new DocumentException.Unauthorized("You are not an authenticated user");
        }
      }
      case READ_METRICS -> {
        if (!principal.roles().contains(METRICS_ROLE)) {
          throw new DocumentException.Unauthorized(
              "You are not a server admin or read-only metrics user");
        }
      }
      case ADMINISTER -> throw notServerAdmin();
    }
  }

  private static void requireMember(Principal principal, SecurityObject security) {
    if (!security.isMember(principal)) {
      throw refusal(
          principal,
          principal.name().isEmpty()
              ? "You are not authorized to access this db."
              : "You are not allowed to access this db.");
    }
  }

  private static DocumentException refusal(Principal principal, String reason) {
    return principal.name().isEmpty()
        ? new DocumentException.Unauthorized(reason)
        : new DocumentException.Forbidden(reason);
  }

  private static DocumentException notServerAdmin() {
    return new DocumentException.Unauthorized("You are not a server admin.");
  }
}

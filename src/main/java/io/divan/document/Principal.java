package io.divan.document;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The person or program on whose behalf a database is read or edited.
 *
 * @param name the user's name; empty for anonymous requests and for the service itself
 * @param roles the user's roles in their order; {@value #SERVER_ADMIN_ROLE} marks a server
 *     administrator
 */
public record Principal(Optional<String> name, Set<String> roles) {

  /** The role of server administrators. */
  public static final String SERVER_ADMIN_ROLE = "_admin";

  /**
   * The server administrator without a name. Commands and background work act as this principal,
   * and so does every request while the service has no users.
   */
  public static final Principal SERVER_ADMIN =
      new Principal(Optional.empty(), Set.of(SERVER_ADMIN_ROLE));

  public Principal {
    roles = Collections.unmodifiableSet(new LinkedHashSet<>(roles));
  }

  /** Whether this is a server administrator. */
  public boolean isServerAdmin() {
    return roles.contains(SERVER_ADMIN_ROLE);
  }
}

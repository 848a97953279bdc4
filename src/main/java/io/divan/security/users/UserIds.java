package io.divan.security.users;

import java.util.Optional;

/** The ids of user documents. */
final class UserIds {
  private static final String PREFIX = "org.couchdb.user:";

  private UserIds() {}

  /** The id of a user's document. */
  static String of(String name) {
    return PREFIX + name;
  }

  /** The name of the user whose document has this id; empty for any other document. */
  static Optional<String> name(String id) {
    return id.startsWith(PREFIX) ? Optional.of(id.substring(PREFIX.length())) : Optional.empty();
  }
}

package io.divan.security.users;

import io.divan.document.DocumentException;

/** What the settings say about access to {@code _users}. Safe for use by many threads. */
public final class UsersAccess {
  private static final String LOCKED =
      "You can't edit the security object of the user database.";

  private final UsersSettings settings;

  UsersAccess(UsersSettings settings) {
    this.settings = settings;
  }

  /** Whether everybody may use the database, to sign up and to edit their own document. */
  public boolean isOpen() {
    return settings.open().get();
  }

  /** Whether a user whose document has conflicts can log in. */
  public boolean allowsConflicts() {
    return settings.allowConflictedUserDocs().get();
  }

  /**
   * Checks that the security object of a database may be changed at all, by whomever.
   *
   * @throws DocumentException.Forbidden if it is locked, as that of {@code _users} is by default
   */
  public void checkSecurityEditable(String database) {
    if (database.equals(UsersDatabase.NAME) && !settings.securityEditable().get()) {
      throw new DocumentException.Forbidden(LOCKED);
    }
  }
}

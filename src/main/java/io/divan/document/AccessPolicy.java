package io.divan.document;

/** Decides who may do what with a database. Safe for use by many threads. */
public interface AccessPolicy {

  /** Allows everything: for commands and background work. */
  AccessPolicy OPEN =
      new AccessPolicy() {
        @Override
        public void check(
            Principal principal, Action action, String database, SecurityObject security) {}

        @Override
        public boolean letsEverybodyIntoNew(String database) {
          return false;
        }
      };

  /**
   * Checks that a principal may do something.
   *
   * @param security the database's present security object
   * @throws DocumentException.Unauthorized when the principal is anonymous and may not
   * @throws DocumentException.Forbidden when another principal may not
   */
  void check(Principal principal, Action action, String database, SecurityObject security);

  /** Whether a database that is created now can be used by everybody. */
  boolean letsEverybodyIntoNew(String database);
}

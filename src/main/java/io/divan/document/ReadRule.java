package io.divan.document;

import java.util.Optional;
import java.util.Set;

/**
 * Decides what principals see of the documents of a database. Applied to every body that leaves the
 * database for anyone but a server administrator. Local documents are exempt, as in CouchDB. Safe
 * for use by many threads.
 */
@FunctionalInterface
public interface ReadRule {

  /** What a principal sees of one document. */
  sealed interface View {

    /** The document as it is stored. */
    record Whole() implements View {}

    /**
     * The members of the body that have these names. A document without any of them is not found.
     */
    record Members(Set<String> names) implements View {
      public Members {
        names = Set.copyOf(names);
      }
    }

    /** Nothing: the document is not found. */
    record Hidden() implements View {}

    /** Nothing, and the reason why. */
    record Refused(String reason) implements View {}
  }

  /**
   * Returns what a principal sees of a document. Called for each body: without I/O and in
   * microseconds.
   *
   * @param administrator whether the principal is an administrator of the database
   */
  View view(String id, Principal principal, boolean administrator);

  /** Chooses the rule of a database. */
  @FunctionalInterface
  interface Source {

    /** The rule of the database with this name; empty when it has none. */
    Optional<ReadRule> rule(String database);
  }
}

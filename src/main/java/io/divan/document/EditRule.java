package io.divan.document;

import java.util.Optional;

/**
 * A condition that edits must meet. {@link EditHooks} describes when rules run. Local documents are
 * exempt, as in CouchDB.
 */
@FunctionalInterface
public interface EditRule {

  /**
   * Decides on one edit. Runs again when its transaction is retried.
   *
   * @throws DocumentException.Forbidden when the edit is refused
   * @throws DocumentException.Unauthorized when the edit is refused until the user logs in
   */
  void check(ProposedEdit edit);

  /** Chooses the rule that a batch of edits must meet. */
  @FunctionalInterface
  interface Source {

    /** The rule for a database as it is configured now; empty when it has none. */
    Optional<EditRule> rule(EditContext context);
  }
}

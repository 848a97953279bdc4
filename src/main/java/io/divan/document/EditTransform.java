package io.divan.document;

import java.util.Optional;

/**
 * Replaces edits before they are applied. Runs once for each edit, whether interactive or
 * replicated, on the caller's thread and outside any transaction, so it may take long. {@link
 * EditRule}s see its results. Safe for use by many threads.
 */
@FunctionalInterface
public interface EditTransform {

  /**
   * Returns the edit to apply, with the same id.
   *
   * @param administrator whether the principal is an administrator of the database
   * @throws DocumentException when the edit is refused; other edits of a batch go on
   */
  DocumentInput apply(DocumentInput edit, Principal principal, boolean administrator);

  /** Chooses the transformation of a database. */
  @FunctionalInterface
  interface Source {

    /** The transformation of the database with this name; empty when it has none. */
    Optional<EditTransform> transform(String database);
  }
}

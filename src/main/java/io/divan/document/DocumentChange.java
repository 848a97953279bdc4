package io.divan.document;

import java.util.Optional;

/**
 * A change of one document's leaves, as {@link EditObserver} sees it.
 *
 * @param id the document
 * @param before the winner before the transaction; empty when the document did not exist
 * @param after the winner after the transaction; empty when all leaves were purged
 */
public record DocumentChange(
    String id, Optional<DocumentVersion> before, Optional<DocumentVersion> after) {

  /** Whether another revision is the winner now. */
  public boolean changesWinner() {
    return !before.map(DocumentVersion::revision).equals(after.map(DocumentVersion::revision))
        || !before.map(DocumentVersion::deleted).equals(after.map(DocumentVersion::deleted));
  }
}

package io.divan.document;

import java.util.Optional;

/**
 * An edit that waits for the decision of {@link EditRule}s.
 *
 * @param document the new document
 * @param old the revision that the edit follows. Of an interactive edit this is the leaf that it
 *     names; of a replicated edit it is the nearest ancestor whose body is stored. Empty when the
 *     edit begins the document, also when it creates a deleted document again.
 * @param principal on whose behalf the edit is made
 */
public record ProposedEdit(
    DocumentInput document, Optional<DocumentVersion> old, Principal principal) {

  /** The document's id. */
  public String id() {
    return document.requireId();
  }
}

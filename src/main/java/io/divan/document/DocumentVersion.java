package io.divan.document;

import io.divan.document.revision.Revision;
import java.util.Optional;

/**
 * One stored revision of a document, as rules and observers see it.
 *
 * @param revision the revision
 * @param deleted whether it is a tombstone
 * @param bodyRead canonical JSON without underscore members, where it was asked for; the receiver
 *     must not modify it
 */
public record DocumentVersion(Revision revision, boolean deleted, Optional<byte[]> bodyRead) {

  /**
   * The body: canonical JSON without underscore members. The caller must not modify it.
   *
   * @throws IllegalStateException if no observer asked for the bodies of this document, or its
   *     winner stays
   */
  public byte[] body() {
    return bodyRead.orElseThrow(
        () -> new IllegalStateException("The body of " + revision + " was not asked for"));
  }
}

package io.divan.document.revision;

/**
 * A leaf of a revision tree and the properties stored with it. Leaves sort in the order in which
 * CouchDB picks winners: tombstones first, then by position, then by the bytes of the id. The last
 * leaf is the winner.
 *
 * @param path the leaf and its known ancestors
 * @param deleted whether the leaf is a tombstone
 * @param bodyBytes length of the body's JSON, in bytes
 * @param attachments sums over its attachments
 */
public record Leaf(RevisionPath path, boolean deleted, int bodyBytes, AttachmentTotals attachments)
    implements Comparable<Leaf> {

  public Revision revision() {
    return path.head();
  }

  Leaf withPath(RevisionPath other) {
    return new Leaf(other, deleted, bodyBytes, attachments);
  }

  @Override
  public int compareTo(Leaf other) {
    return deleted != other.deleted
        ? (deleted ? -1 : 1)
        : revision().compareTo(other.revision());
  }
}

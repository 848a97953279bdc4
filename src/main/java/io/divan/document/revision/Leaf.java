package io.divan.document.revision;

/**
 * A leaf of a revision tree with what its row says of it. Leaves sort as CouchDB picks winners:
 * deleted ones first, then by position, then by the id's bytes; the last is the winner.
 *
 * @param path the leaf and its known ancestors
 * @param deleted whether it is a tombstone
 * @param bodyBytes length of its body's JSON
 * @param attachments how many attachments it has
 */
public record Leaf(RevisionPath path, boolean deleted, int bodyBytes, int attachments)
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

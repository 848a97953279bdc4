package io.divan.document;

import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionTree;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.Tables;
import io.divan.storage.Range;
import io.divan.storage.WriteTransaction;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Counts by how many bytes a transaction changes the stored bodies of non-leaf revisions, which a
 * compaction removes. For one run of the transaction's work.
 *
 * <ol>
 *   <li>A leaf's row holds the length of its body, so a leaf that stops being one is counted
 *       without a read. Bodies that are removed are read for their length.
 *   <li>A history that is too large to be read in a transaction is removed uncounted. The counter
 *       is then marked as wrong, and the next compaction recounts.
 *   <li>While the counter is marked as wrong, removed bodies are not read. Stored bodies are still
 *       counted, so that a recount notices that something was stored meanwhile.
 * </ol>
 */
final class OldBodyCounter {
  private static final long READ_BYTES_MAX = 4_000_000;

  private final WriteTransaction transaction;
  private final boolean known;
  private long grown;
  private long bytesRead;
  private boolean wrong;

  OldBodyCounter(WriteTransaction transaction, boolean known) {
    this.transaction = transaction;
    this.known = known;
  }

  long grown() {
    return grown;
  }

  /** Counts the body of a non-leaf revision that was not stored before. */
  void stored(Bodies.Body body) {
    grown += Bodies.storedBytes(body.json().length);
  }

  /** Counts the changes of an edited document, before its bodies are written. */
  void countLeaves(EditedDocument document) {
    RevisionTree before = document.before;
    RevisionTree after = document.tree;
    Set<Revision> leaves = new HashSet<>();
    after.leaves().forEach(leaf -> leaves.add(leaf.revision()));
    for (Leaf leaf : before.leaves()) {
      if (!leaves.contains(leaf.revision()) && after.contains(leaf.revision())) {
        grown += Bodies.storedBytes(leaf.bodyBytes());
      }
    }
    for (Map.Entry<Revision, Bodies.Body> body : document.bodies.entrySet()) {
      Revision revision = body.getKey();
      if (!after.contains(revision)) {
        continue;
      }
      boolean wasLeaf = before.leaf(revision).isPresent();
      if (before.contains(revision) && !wasLeaf) { // its body is stored, unless it was compacted
        subtract(Tables.body(document.id, revision));
      }
      if (!leaves.contains(revision) && !wasLeaf) {
        stored(body.getValue());
      }
    }
  }

  /**
   * Counts the bodies of forgotten revisions, before they are removed.
   *
   * @param ranges the ranges of their bodies
   */
  void countForgotten(RevisionTree before, Set<Revision> forgotten, List<Range> ranges) {
    if (!known) {
      return;
    }
    ranges.forEach(this::subtract);
    for (Leaf leaf : before.leaves()) {
      if (forgotten.contains(leaf.revision())) {
        // Subtracted above, but the body of a leaf had not been counted.
        grown += Bodies.storedBytes(leaf.bodyBytes());
      }
    }
  }

  private void subtract(Range range) {
    if (!known || wrong) {
      return;
    }
    OptionalLong bytes = Bodies.storedBytes(transaction, range, READ_BYTES_MAX - bytesRead);
    if (bytes.isEmpty()) {
      wrong = true;
    } else {
      bytesRead += bytes.getAsLong();
      grown -= bytes.getAsLong();
    }
  }

  /** Writes the counter. */
  void write() {
    if (grown != 0) {
      transaction.add(Tables.STATS, Tables.SIZE_OLD, grown);
    }
    if (wrong) {
      transaction.delete(Tables.METADATA, Tables.OLD_BYTES_KNOWN);
      transaction.bumpConfigVersion();
    }
  }
}

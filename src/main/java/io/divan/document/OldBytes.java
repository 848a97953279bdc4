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
 * How a transaction changes what the bodies of revisions that are no leaves weigh. These bodies are
 * what a compaction removes. For one run of the transaction's work.
 *
 * <ol>
 *   <li>A leaf knows what its body weighs, so that it counts when it stops being one. What is
 *       removed has to be read for its weight.
 *   <li>A history too large to be weighed in a transaction is removed all the same: then the
 *       counter is right no more, says so, and the next compaction counts anew.
 *   <li>While the counter is not known to be right, nothing is weighed; what is stored counts
 *       nevertheless, so that whoever counts anew sees that something was stored meanwhile.
 * </ol>
 */
final class OldBytes {
  private static final long WEIGHED_MAX = 4_000_000;

  private final WriteTransaction transaction;
  private final boolean known;
  private long grown;
  private long weighed;
  private boolean lost;

  OldBytes(WriteTransaction transaction, boolean known) {
    this.transaction = transaction;
    this.known = known;
  }

  long grown() {
    return grown;
  }

  /** The body of a revision that is no leaf was stored, and was not there before. */
  void stored(Bodies.Body body) {
    grown += Bodies.storedBytes(body.json().length);
  }

  /** Counts what the leaves of an edited document make of it, before its bodies are written. */
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
      if (before.contains(revision) && !wasLeaf) { // its body is there, unless it was compacted
        weigh(Tables.body(document.id, revision));
      }
      if (!leaves.contains(revision) && !wasLeaf) {
        stored(body.getValue());
      }
    }
  }

  /**
   * Counts what goes with forgotten revisions, before it is removed.
   *
   * @param ranges where their bodies are
   */
  void countForgotten(RevisionTree before, Set<Revision> forgotten, List<Range> ranges) {
    if (!known) {
      return;
    }
    ranges.forEach(this::weigh);
    for (Leaf leaf : before.leaves()) {
      if (forgotten.contains(leaf.revision())) {
        grown += Bodies.storedBytes(leaf.bodyBytes()); // it was weighed, and had not counted
      }
    }
  }

  private void weigh(Range range) {
    if (!known || lost) {
      return;
    }
    OptionalLong bytes = Bodies.weight(transaction, range, WEIGHED_MAX - weighed);
    if (bytes.isEmpty()) {
      lost = true;
    } else {
      weighed += bytes.getAsLong();
      grown -= bytes.getAsLong();
    }
  }

  /** Writes what has come of it. */
  void write() {
    if (grown != 0) {
      transaction.add(Tables.STATS, Tables.SIZE_OLD, grown);
    }
    if (lost) {
      transaction.delete(Tables.METADATA, Tables.OLD_BYTES_KNOWN);
      transaction.bumpConfigVersion();
    }
  }
}

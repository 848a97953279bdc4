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
 * Counts by how many bytes one transaction changes the stored size of the bodies of non-leaf
 * revisions. Compaction removes these bodies. Lives as long as one run of the transaction's work.
 *
 * <ol>
 *   <li>A leaf's row contains the size of its body, so a leaf that becomes a non-leaf is counted
 *       without reading its body. A body that is removed must be read to learn its size.
 *   <li>A history that is too large to be measured in the transaction is removed nevertheless. The
 *       counter is then marked as inexact, and the next compaction recounts it.
 *   <li>While the counter is inexact, no removed body is measured. Newly stored bodies are still
 *       added: a concurrent recount notices by this change that it must start again.
 * </ol>
 */
final class NonLeafBytes {
  private static final long MEASURED_BYTES_MAX = 4_000_000;

  private final WriteTransaction transaction;
  private final boolean exact;
  private long growth;
  private long measured;
  private boolean tooLarge;

  NonLeafBytes(WriteTransaction transaction, boolean exact) {
    this.transaction = transaction;
    this.exact = exact;
  }

  long growth() {
    return growth;
  }

  /** Counts a stored body of a non-leaf revision that had no body before. */
  void stored(Bodies.Body body) {
    growth += Bodies.storedBytes(body);
  }

  /** Counts the effect of a document's changed leaves. Call it before the bodies are written. */
  void countLeaves(EditedDocument document) {
    RevisionTree before = document.before;
    RevisionTree after = document.tree;
    Set<Revision> leaves = new HashSet<>();
    after.leaves().forEach(leaf -> leaves.add(leaf.revision()));
    for (Leaf leaf : before.leaves()) {
      if (!leaves.contains(leaf.revision()) && after.contains(leaf.revision())) {
        growth += Bodies.storedBytes(leaf);
      }
    }
    for (Map.Entry<Revision, Bodies.Body> body : document.bodies.entrySet()) {
      Revision revision = body.getKey();
      if (!after.contains(revision)) {
        continue;
      }
      boolean wasLeaf = before.leaf(revision).isPresent();
      if (before.contains(revision) && !wasLeaf) { // stored, unless compacted
        measure(Tables.body(document.id, revision));
      }
      if (!leaves.contains(revision) && !wasLeaf) {
        stored(body.getValue());
      }
    }
  }

  /**
   * Counts the bodies of forgotten revisions. Call it before they are removed.
   *
   * @param ranges the ranges of these bodies
   */
  void countForgotten(RevisionTree before, Set<Revision> forgotten, List<Range> ranges) {
    if (!exact) {
      return;
    }
    ranges.forEach(this::measure);
    for (Leaf leaf : before.leaves()) {
      if (forgotten.contains(leaf.revision())) {
        // measure() subtracted it, but the body of a leaf never counts
        growth += Bodies.storedBytes(leaf);
      }
    }
  }

  private void measure(Range range) {
    if (!exact || tooLarge) {
      return;
    }
    OptionalLong bytes = Bodies.storedBytes(transaction, range, MEASURED_BYTES_MAX - measured);
    if (bytes.isEmpty()) {
      tooLarge = true;
    } else {
      measured += bytes.getAsLong();
      growth -= bytes.getAsLong();
    }
  }

  /** Adds the result to the counter. */
  void write() {
    if (growth != 0) {
      transaction.add(Tables.STATS, Tables.SIZE_OLD, growth);
    }
    if (tooLarge) {
      transaction.delete(Tables.METADATA, Tables.OLD_BYTES_KNOWN);
      transaction.bumpConfigVersion();
    }
  }
}

package io.divan.document;

import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionHash;
import io.divan.document.revision.RevisionPath;
import io.divan.document.revision.RevisionTree;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.LeafRow;
import io.divan.storage.KeyValue;
import io.divan.storage.Versionstamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One document while a transaction's edits are merged into it. */
final class EditedDocument {
  final String id;
  private final List<Leaf> rows = new ArrayList<>(1);
  final Map<Revision, Bodies.Body> bodies = new LinkedHashMap<>();

  /** Replicated edits of known revisions that are no leaves: their bodies may not be known. */
  final Map<Revision, Bodies.Body> ancestors = new LinkedHashMap<>();

  Optional<Versionstamp> sequence = Optional.empty();
  RevisionTree before = RevisionTree.EMPTY;
  RevisionTree tree = RevisionTree.EMPTY;
  private boolean purged;

  EditedDocument(String id) {
    this.id = id;
  }

  void addRow(KeyValue row) {
    LeafRow leafRow = LeafRow.decode(row);
    rows.add(leafRow.leaf());
    if (leafRow.sequence().isPresent()) {
      sequence = leafRow.sequence();
    }
  }

  void loaded() {
    before = RevisionTree.of(rows);
    tree = before;
  }

  void requireLive() {
    if (tree.isEmpty() || tree.isDeleted()) {
      throw new DocumentException.NotFound(tree.isEmpty() ? "missing" : "deleted");
    }
  }

  Revision edit(DocumentInput edit, int revsLimit) {
    Optional<Leaf> parent = parent(edit);
    Optional<Revision> previous = parent.map(Leaf::revision);
    byte[] hash = RevisionHash.of(edit.deleted(), previous, edit.body());
    RevisionPath path =
        parent.map(leaf -> leaf.path().extendedBy(hash)).orElse(new RevisionPath(1, hash));
    Leaf child = new Leaf(path, edit.deleted(), edit.body().length, 0);
    tree =
        parent.isPresent()
            ? tree.extend(parent.get(), child, revsLimit)
            : RevisionTree.of(List.of(child));
    bodies.put(child.revision(), new Bodies.Body(edit.deleted(), edit.body()));
    return child.revision();
  }

  /**
   * The leaf the edit extends, or nothing when it begins the document. A deleted document is only
   * created again, without a revision; a tombstone is not deleted. As in CouchDB, a revision at
   * position 0 is none.
   */
  private Optional<Leaf> parent(DocumentInput edit) {
    Optional<Revision> base = edit.base().filter(revision -> revision.position() > 0);
    if (tree.isEmpty() && base.isEmpty()) {
      return Optional.empty();
    }
    Optional<Leaf> parent =
        tree.isDeleted()
            ? tree.winner().filter(winner -> base.isEmpty())
            : base.flatMap(tree::leaf);
    return Optional.of(
        parent
            .filter(leaf -> !leaf.deleted() || !edit.deleted())
            .orElseThrow(DocumentException.Conflict::new));
  }

  Revision merge(DocumentInput edit, int revsLimit) {
    Revision head = edit.base().orElseThrow(EditedDocument::revisionMissing);
    if (!head.isStorable()) {
      throw DocumentParser.invalidRevision();
    }
    RevisionPath path =
        edit.path()
            .map(revisions -> RevisionPath.of(revisions.toArray(Revision[]::new)))
            .orElseGet(() -> RevisionPath.of(head));
    Bodies.Body body = new Bodies.Body(edit.deleted(), edit.body());
    if (!tree.contains(head)) {
      bodies.put(head, body);
    } else if (tree.leaf(head).isEmpty()) {
      ancestors.putIfAbsent(head, body);
    }
    tree = tree.merge(new Leaf(path, edit.deleted(), edit.body().length, 0), revsLimit);
    return head;
  }

  private static DocumentException revisionMissing() {
    return new DocumentException.BadRequest(
        "When `new_edits: false`, the document needs `_rev` or `_revisions` specified");
  }

  /** Removes leaves and all that only they descend from; answers which of these were leaves. */
  Collection<Revision> purge(Set<Revision> revisions) {
    List<Revision> leaves =
        tree.leaves().stream()
            .map(Leaf::revision)
            .filter(revisions::contains)
            .sorted()
            .toList();
    if (!leaves.isEmpty()) {
      tree = tree.without(revisions);
      purged = true;
    }
    return leaves;
  }

  /** Whether leaves were taken out. */
  boolean isPurged() {
    return purged;
  }
}

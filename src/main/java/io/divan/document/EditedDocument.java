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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** One document while a transaction's edits are merged into it. */
final class EditedDocument {
  final String id;
  private final List<Leaf> loadedLeaves = new ArrayList<>(1);
  final Map<Revision, Bodies.Body> bodies = new LinkedHashMap<>();

  /** Bodies, sent by replicated edits, of non-leaf revisions that the tree has already. */
  final Map<Revision, Bodies.Body> ancestorBodies = new LinkedHashMap<>();

  /** Bodies read from the store. */
  final Map<Revision, Bodies.Body> stored = new HashMap<>();

  Optional<Versionstamp> sequence = Optional.empty();
  RevisionTree before = RevisionTree.EMPTY;
  RevisionTree tree = RevisionTree.EMPTY;
  private boolean purged;

  EditedDocument(String id) {
    this.id = id;
  }

  void addRow(KeyValue row) {
    LeafRow leafRow = LeafRow.decode(row);
    loadedLeaves.add(leafRow.leaf());
    if (leafRow.sequence().isPresent()) {
      sequence = leafRow.sequence();
    }
  }

  void loaded() {
    before = RevisionTree.of(loadedLeaves);
    tree = before;
  }

  /** Throws unless the document exists and is not deleted. */
  void requireLive() {
    if (tree.isEmpty() || tree.isDeleted()) {
      throw new DocumentException.NotFound(tree.isEmpty() ? "missing" : "deleted");
    }
  }

  Revision edit(DocumentInput edit, int revsLimit, EditCheck check) {
    Optional<Revision> base = edit.base().filter(revision -> revision.position() > 0);
    Optional<Leaf> parent = parent(edit, base);
    check.check(edit, base, () -> base.map(this::requireVersion));
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
   * The leaf that the edit extends; empty when the edit begins the document. A deleted document can
   * only be created again, without a revision; a tombstone cannot be deleted.
   *
   * @param base the revision that the edit names; as in CouchDB, one at position 0 does not count
   */
  private Optional<Leaf> parent(DocumentInput edit, Optional<Revision> base) {
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

  Revision merge(DocumentInput edit, int revsLimit, EditCheck check) {
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
      checkMerge(edit, check);
      bodies.put(head, body);
    } else if (tree.leaf(head).isEmpty() && isAccepted(edit, check)) {
      ancestorBodies.putIfAbsent(head, body);
    }
    tree = tree.merge(new Leaf(path, edit.deleted(), edit.body().length, 0), revsLimit);
    return head;
  }

  private void checkMerge(DocumentInput edit, EditCheck check) {
    check.check(
        edit,
        knownAncestors(edit).findFirst(),
        () -> knownAncestors(edit).map(this::version).flatMap(Optional::stream).findFirst());
  }

  /** A refused body of a known non-leaf revision is dropped: CouchDB never stores such bodies. */
  private boolean isAccepted(DocumentInput edit, EditCheck check) {
    try {
      checkMerge(edit, check);
      return true;
    } catch (DocumentException e) {
      return false;
    }
  }

  /** The revisions of a replicated edit's path that are known, the nearest first. */
  private Stream<Revision> knownAncestors(DocumentInput edit) {
    return edit.path().stream().flatMap(List::stream).skip(1).filter(tree::contains);
  }

  /** A revision whose body is at hand. */
  private Optional<DocumentVersion> version(Revision revision) {
    return body(revision)
        .map(body -> new DocumentVersion(revision, body.deleted(), Optional.of(body.json())));
  }

  private DocumentVersion requireVersion(Revision revision) {
    return version(revision).orElseThrow(() -> DocumentReader.bodyMissing(id, revision));
  }

  /** The body of a revision, where an edit brings it or it has been read. */
  Optional<Bodies.Body> body(Revision revision) {
    return Optional.ofNullable(bodies.get(revision))
        .or(() -> Optional.ofNullable(stored.get(revision)))
        .or(() -> Optional.ofNullable(ancestorBodies.get(revision)));
  }

  /** Whether the document has other leaves than before the edits. */
  boolean changesLeaves() {
    return !leafStates(before).equals(leafStates(tree));
  }

  private static Map<Revision, Boolean> leafStates(RevisionTree tree) {
    Map<Revision, Boolean> states = HashMap.newHashMap(tree.leaves().size());
    tree.leaves().forEach(leaf -> states.put(leaf.revision(), leaf.deleted()));
    return states;
  }

  private static DocumentException revisionMissing() {
    return new DocumentException.BadRequest(
        "When `new_edits: false`, the document needs `_rev` or `_revisions` specified");
  }

  /** Removes leaves and the revisions that only they descend from; returns the leaves. */
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

  /** Whether leaves were purged. */
  boolean isPurged() {
    return purged;
  }
}

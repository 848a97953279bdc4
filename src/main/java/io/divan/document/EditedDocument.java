package io.divan.document;

import io.divan.document.attachment.ReceivedContent;
import io.divan.document.revision.Attachment;
import io.divan.document.revision.AttachmentTotals;
import io.divan.document.revision.Content;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionHash;
import io.divan.document.revision.RevisionPath;
import io.divan.document.revision.RevisionTree;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.LeafRow;
import io.divan.document.rows.References;
import io.divan.storage.KeyValue;
import io.divan.storage.Versionstamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
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

  /** The contents that accepted edits brought. */
  final List<ReceivedContent> received = new ArrayList<>(0);

  /** The contents that the stored bodies reference. */
  final Set<Content> referenced = new HashSet<>(0);

  /** The contents that accepted edits share with other revisions. */
  final List<Content> copiedContents = new ArrayList<>(0);

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
    long position = previous.map(Revision::position).orElse(0L) + 1;
    List<Attachment> attachments =
        edit.attachments().isEmpty()
            ? List.of()
            : attachments(edit, () -> base.flatMap(this::body), position);
    byte[] hash = RevisionHash.of(edit.deleted(), previous, edit.body(), attachments);
    RevisionPath path =
        parent.map(leaf -> leaf.path().extendedBy(hash)).orElse(new RevisionPath(1, hash));
    Leaf child =
        new Leaf(path, edit.deleted(), edit.body().length, totals(attachments));
    tree =
        parent.isPresent()
            ? tree.extend(parent.get(), child, revsLimit)
            : RevisionTree.of(List.of(child));
    bodies.put(
        child.revision(), new Bodies.Body(edit.deleted(), edit.body(), attachments));
    edit.received().forEach(received::add);
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
    AttachmentTotals totals = AttachmentTotals.NONE;
    if (!tree.contains(head)) {
      checkMerge(edit, check);
      List<Attachment> attachments = replicatedAttachments(edit);
      totals = totals(attachments);
      bodies.put(head, new Bodies.Body(edit.deleted(), edit.body(), attachments));
      edit.received().forEach(received::add);
    } else if (tree.leaf(head).isEmpty() && !ancestorBodies.containsKey(head)) {
      acceptedAncestor(edit, check)
          .ifPresent(
              body -> {
                ancestorBodies.put(head, body);
                edit.received().forEach(received::add);
              });
    }
    tree = tree.merge(new Leaf(path, edit.deleted(), edit.body().length, totals), revsLimit);
    return head;
  }

  private List<Attachment> replicatedAttachments(DocumentInput edit) {
    return edit.attachments().isEmpty()
        ? List.of()
        : attachments(
            edit,
            () -> knownAncestors(edit).map(this::body).flatMap(Optional::stream).findFirst(),
            0);
  }

  /**
   * The attachments of an edit.
   *
   * @param followed the body from which stubs are taken: of a revision that the edit names. A
   *     document created again takes none from its deleted revision, as in CouchDB
   * @param position the position of a new revision; 0 for a replicated edit
   * @throws DocumentException.MissingStub when the followed revision lacks one
   * @throws DocumentException.TooLarge when the references to them are too long
   */
  private List<Attachment> attachments(
      DocumentInput edit, Supplier<Optional<Bodies.Body>> followed, long position) {
    Optional<Bodies.Body> before = edit.hasStubs() ? followed.get() : Optional.empty();
    List<Attachment> attachments = new ArrayList<>(edit.attachments().size());
    for (AttachmentInput input : edit.attachments()) {
      attachments.add(
          switch (input) {
            case AttachmentInput.Stub stub ->
                before
                    .flatMap(body -> body.attachment(stub.name()))
                    .filter(
                        known -> stub.revisionPosition().isEmpty()
                            || stub.revisionPosition().getAsLong() == known.revisionPosition())
                    .orElseThrow(() -> new DocumentException.MissingStub(id, stub.name()));
            case AttachmentInput.Received received ->
                new Attachment(
                    received.name(),
                    received.type(),
                    received.content().content(),
                    position > 0 ? position : received.revisionPosition().orElse(0));
            case AttachmentInput.Follows follows ->
                throw new IllegalArgumentException(
                    "The content of " + follows.name() + " was not received");
            case AttachmentInput.Copied copied -> {
              copiedContents.add(copied.attachment().content());
              yield copied.attachment();
            }
          });
    }
    return List.copyOf(attachments);
  }

  private AttachmentTotals totals(List<Attachment> attachments) {
    int bytes = attachments.isEmpty() ? 0 : References.encode(attachments).length;
    if (bytes > References.BYTES_MAX) {
      throw new DocumentException.TooLarge(id);
    }
    return AttachmentTotals.of(attachments, bytes);
  }

  private void checkMerge(DocumentInput edit, EditCheck check) {
    check.check(
        edit,
        knownAncestors(edit).findFirst(),
        () -> knownAncestors(edit).map(this::version).flatMap(Optional::stream).findFirst());
  }

  /** A refused body of a known non-leaf revision is dropped: CouchDB never stores such bodies. */
  private Optional<Bodies.Body> acceptedAncestor(DocumentInput edit, EditCheck check) {
    try {
      checkMerge(edit, check);
      List<Attachment> attachments = replicatedAttachments(edit);
      totals(attachments);
      return Optional.of(new Bodies.Body(edit.deleted(), edit.body(), attachments));
    } catch (DocumentException e) {
      return Optional.empty();
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

package io.divan.document;

import io.divan.document.attachment.ContentWriter;
import io.divan.document.attachment.ReceivedContent;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionTree;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.ByteWriter;
import io.divan.document.rows.ChangeRow;
import io.divan.document.rows.LeafRow;
import io.divan.document.rows.LocalDocuments;
import io.divan.document.rows.PurgeInfos;
import io.divan.document.rows.Tables;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Stamp;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleWriter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Applies the edits of one transaction. Edits are grouped by document and merged in memory: each
 * document is read once, all of them together, and written once. A document's rows, change, listing
 * and counters always change in the same transaction, and observers write theirs in it.
 *
 * <p>Lives as long as one run of the transaction's work.
 */
final class DocumentWriter {
  private final WriteTransaction transaction;
  private final DatabaseSettings.Cached settings;
  private Optional<Stamp> lastStamp = Optional.empty();
  private boolean mustExist;
  private long docCount;
  private long docDelCount;
  private long designCount;
  private long localCount;
  private long sizeActive;
  private long sizeExternal;
  private final NonLeafBytes nonLeafBytes;
  private final UpdateNumbers numbers;
  private final Observers observers;
  private final ContentWriter contents;
  private final List<ReceivedContent> settled = new ArrayList<>(0);

  DocumentWriter(
      WriteTransaction transaction,
      DatabaseSettings.Cached settings,
      Observers observers,
      InstantSource clock) {
    this.transaction = transaction;
    this.settings = settings;
    this.observers = observers;
    this.contents = new ContentWriter(transaction, clock);
    this.nonLeafBytes = new NonLeafBytes(transaction, settings.oldBytesKnown());
    this.numbers = new UpdateNumbers(transaction);
  }

  /** By how many bytes the bodies of non-leaf revisions have grown. */
  long nonLeafBytes() {
    return nonLeafBytes.growth();
  }

  /** How many rows observers have written. */
  long observedRows() {
    return observers.rowsWritten();
  }

  /** Whether blobs without a reference are left. */
  boolean leavesGarbage() {
    return contents.leavesGarbage();
  }

  /** The received contents that the transaction stores or removes. */
  List<ReceivedContent> settled() {
    return settled;
  }

  /**
   * Applies edits in their order.
   *
   * @return the outcome of each
   * @throws DocumentException.MissingStub as CouchDB does, which then refuses all edits
   */
  List<UpdateResult> apply(List<DocumentInput> edits, EditMode mode, EditCheck check) {
    mustExist = mode == EditMode.DELETION;
    Map<String, EditedDocument> documents =
        DocumentLoader.load(
            transaction,
            edits,
            mode,
            id -> check.needsOld(id) || observers.needBodies(id),
            Optional.of(numbers));
    Set<String> locals = existingLocals(edits);
    List<UpdateResult> results = new ArrayList<>(edits.size());
    for (DocumentInput edit : edits) {
      String id = edit.requireId();
      try {
        String revision =
            DocumentIds.isLocal(id)
                ? local(edit, locals)
                : merge(documents, edit, mode, settings.revsLimit(), check).toString();
        results.add(new UpdateResult.Saved(id, revision));
      } catch (DocumentException.MissingStub e) {
        throw e;
      } catch (DocumentException e) {
        results.add(new UpdateResult.Refused(id, e));
      }
    }
    store(documents);
    finish();
    return results;
  }

  /** Merges an edit into its document, in memory. */
  static Revision merge(
      Map<String, EditedDocument> documents,
      DocumentInput edit,
      EditMode mode,
      int revsLimit,
      EditCheck check) {
    EditedDocument document = DocumentLoader.document(documents, edit);
    return mode.merge(document, edit, revsLimit, check);
  }

  /**
   * Removes leaves as if they had never existed. Each purge is remembered, even if it removed
   * nothing, and counts as the latest change.
   *
   * @return the revisions that each request removed, ascending; in the order of the requests
   */
  List<Collection<Revision>> purge(List<Purges.Request> requests) {
    Map<String, EditedDocument> documents =
        DocumentLoader.load(
            transaction, requests.stream().map(Purges.Request::id).toList(), numbers);
    List<Collection<Revision>> purged = new ArrayList<>(requests.size());
    for (Purges.Request request : requests) {
      EditedDocument document = documents.get(request.id());
      purged.add(
          document == null ? List.of() : document.purge(Set.copyOf(request.revisions())));
    }
    List<PurgeInfos.Info> infos =
        requests.stream()
            .map(request -> new PurgeInfos.Info(request.id(), request.revisions()))
            .toList();
    PurgeInfos.makeRoom(transaction, infos.size());
    store(documents);
    lastStamp = PurgeInfos.remember(transaction, infos).or(() -> lastStamp);
    numbers.skip(infos.size());
    finish();
    return purged;
  }

  private String local(DocumentInput edit, Set<String> existing) {
    String id = edit.requireId();
    long number = nextLocalNumber(edit);
    boolean existed =
        edit.deleted() ? existing.remove(id) : !existing.add(id);
    if (mustExist && !existed) {
      throw new DocumentException.NotFound("missing");
    }
    localCount +=
        edit.deleted()
            ? LocalDocuments.delete(transaction, id, existed)
            : LocalDocuments.write(transaction, id, number, edit.body(), existed);
    return "0-" + number;
  }

  /**
   * The revision number that an edit gives a local document: that of {@code _rev} plus one, 1
   * without, 0 for a deletion.
   *
   * @throws DocumentException.BadRequest when the revision is not one of a local document
   */
  private static long nextLocalNumber(DocumentInput input) {
    if (input.deleted()) {
      return 0;
    }
    return input.revision().map(DocumentWriter::localNumber).orElse(0L) + 1;
  }

  private static long localNumber(Revision revision) {
    String digits = Revision.idText(revision.id());
    if (revision.position() != 0 || !digits.matches("[0-9]{1,15}")) {
      throw DocumentParser.invalidRevision();
    }
    return Long.parseLong(digits);
  }

  /** The edited local documents that exist, read in one call. */
  private Set<String> existingLocals(List<DocumentInput> edits) {
    List<String> ids =
        edits.stream()
            .map(DocumentInput::requireId)
            .filter(DocumentIds::isLocal)
            .distinct()
            .toList();
    List<Boolean> found =
        Bodies.present(transaction, ids.stream().map(LocalDocuments::range).toList());
    Set<String> existing = new HashSet<>();
    for (int i = 0; i < ids.size(); i++) {
      if (found.get(i)) {
        existing.add(ids.get(i));
      }
    }
    return existing;
  }

  private void store(Map<String, EditedDocument> documents) {
    List<DocumentChange> changes = observers.changes(transaction, documents.values());
    storeAncestors(documents.values());
    documents.values().forEach(this::store);
    storeContents(documents.values());
    observers.report(changes);
  }

  private void finish() {
    lastStamp.ifPresent(
        stamp -> transaction.putStampedValue(
            Tables.STATS, Tables.LAST_CHANGE, new byte[0], stamp, new byte[0]));
    numbers.write();
    count(Tables.DOC_COUNT, docCount);
    count(Tables.DOC_DEL_COUNT, docDelCount);
    count(Tables.DESIGN_COUNT, designCount);
    count(Tables.LOCAL_COUNT, localCount);
    count(Tables.SIZE_ACTIVE, sizeActive);
    count(Tables.SIZE_EXTERNAL, sizeExternal);
    nonLeafBytes.write();
  }

  private void count(byte[] counter, long delta) {
    if (delta != 0) {
      transaction.add(Tables.STATS, counter, delta);
    }
  }

  /** Stores bodies of known non-leaf revisions that were not stored before. */
  private void storeAncestors(Collection<EditedDocument> documents) {
    List<EditedDocument> owners = new ArrayList<>();
    List<Revision> revisions = new ArrayList<>();
    List<Range> ranges = new ArrayList<>();
    for (EditedDocument document : documents) {
      for (Revision revision : document.ancestorBodies.keySet()) {
        if (document.tree.contains(revision) && !document.bodies.containsKey(revision)) {
          owners.add(document);
          revisions.add(revision);
          ranges.add(Tables.body(document.id, revision));
        }
      }
    }
    List<Boolean> known = Bodies.present(transaction, ranges);
    for (int i = 0; i < owners.size(); i++) {
      EditedDocument owner = owners.get(i);
      Bodies.Body body = owner.ancestorBodies.get(revisions.get(i));
      if (!known.get(i) && body != null) {
        write(owner, revisions.get(i), body);
        nonLeafBytes.stored(body);
      }
    }
  }

  private void store(EditedDocument document) {
    RevisionTree before = document.before;
    RevisionTree after = document.tree;
    String id = document.id;
    if (after == before) {
      return;
    }
    Map<Revision, Leaf> leavesAfter = byRevision(after);
    for (Leaf leaf : before.leaves()) {
      if (!isLeaf(leavesAfter, leaf)) {
        transaction.delete(Tables.DOCS, Tables.leafKey(id, leaf));
      }
      countSize(leaf, -1);
    }
    after.leaves().forEach(leaf -> countSize(leaf, 1));
    nonLeafBytes.countLeaves(document);
    if (after.isEmpty()) {
      removeWhole(document);
    } else {
      storeLeaves(document);
    }
    document.bodies.forEach((revision, body) -> {
      if (after.contains(revision)) {
        if (settings.hasAttachments() && before.contains(revision)) { // stored, unless compacted
          dereference(id, Tables.body(id, revision));
        }
        write(document, revision, body);
      }
    });
    deleteForgotten(document);
  }

  private void write(EditedDocument document, Revision revision, Bodies.Body body) {
    Bodies.write(transaction, document.id, revision, body);
    if (!body.attachments().isEmpty()) {
      contents.reference(document.id, revision, body.attachments());
      body.attachments().forEach(one -> document.referenced.add(one.content()));
    }
  }

  /** Stores what new references need, and frees the contents that lost their last one. */
  private void storeContents(Collection<EditedDocument> documents) {
    boolean some = false;
    for (EditedDocument document : documents) {
      some |= !document.referenced.isEmpty();
      for (ReceivedContent received : document.received) {
        settled.add(received);
        if (document.referenced.contains(received.content())) {
          contents.receive(received);
        } else {
          contents.discard(received);
        }
      }
      document.copiedContents.stream()
          .filter(document.referenced::contains)
          .forEach(contents::require);
    }
    contents.finish();
    if (some && !settings.hasAttachments()) {
      Format.addAttachments(transaction);
    }
  }

  /** Removes the references of the bodies in a range, which are about to be removed. */
  private void dereference(String id, Range range) {
    Optional<Range> rest = Optional.of(range);
    while (rest.isPresent()) {
      Page page = transaction.scan(rest.get());
      for (KeyValue chunk : page.rows()) {
        contents.dereference(id, Bodies.revision(chunk), Bodies.attachments(chunk));
      }
      rest = page.rest();
    }
  }

  /** Stores the leaves' rows and, where the leaves changed, change, listing and counters. */
  private void storeLeaves(EditedDocument document) {
    String id = document.id;
    RevisionTree before = document.before;
    RevisionTree after = document.tree;
    Leaf winner = after.winner().orElseThrow();
    Optional<Leaf> oldWinner = before.winner();
    Map<Revision, Leaf> leavesBefore = byRevision(before);
    boolean changed =
        before.leaves().size() != after.leaves().size()
            || !after.leaves().stream().allMatch(leaf -> isLeaf(leavesBefore, leaf));
    for (Leaf leaf : after.leaves()) {
      boolean wasWinner = oldWinner.isPresent() && same(oldWinner.get(), leaf);
      if (leaf != winner && (wasWinner || !leaf.equals(leavesBefore.get(leaf.revision())))) {
        transaction.put(Tables.DOCS, Tables.leafKey(id, leaf), LeafRow.encode(leaf));
      }
    }
    byte[] winnerKey = Tables.leafKey(id, winner);
    byte[] winnerSuffix = LeafRow.winnerSuffix(winner, after.leaves().size());
    if (!changed) { // older ancestors became known: the same leaves, the same place in changes
      byte[] value =
          new ByteWriter()
              .put(LeafRow.winnerPrefix())
              .put(document.sequence.orElseThrow().toBytes())
              .put(winnerSuffix)
              .toBytes();
      transaction.put(Tables.DOCS, winnerKey, value);
      return;
    }
    Stamp stamp = transaction.stamp();
    lastStamp = Optional.of(stamp);
    transaction.putStampedValue(
        Tables.DOCS, winnerKey, LeafRow.winnerPrefix(), stamp, winnerSuffix);
    document.sequence.ifPresent(
        sequence -> transaction.delete(Tables.CHANGES, Tables.changeKey(sequence)));
    byte[] change = ChangeRow.encode(id, winner, numbers.next());
    transaction.putStampedKey(
        Tables.CHANGES, Tables.CHANGE_PREFIX, stamp, new byte[0], change);
    listAndCount(id, oldWinner, winner);
  }

  /** Removes a document whose leaves were all purged. */
  private void removeWhole(EditedDocument document) {
    boolean deleted = document.before.isDeleted();
    transaction.delete(Tables.CHANGES, Tables.changeKey(document.sequence.orElseThrow()));
    if (deleted) {
      docDelCount--;
    } else {
      transaction.delete(Tables.ALL_DOCS, Tables.key(document.id));
      docCount--;
      designCount -= DocumentIds.isDesign(document.id) ? 1 : 0;
    }
  }

  private void listAndCount(String id, Optional<Leaf> oldWinner, Leaf winner) {
    boolean wasLive = oldWinner.isPresent() && !oldWinner.get().deleted();
    boolean wasDeleted = oldWinner.isPresent() && oldWinner.get().deleted();
    byte[] key = Tables.key(id);
    if (winner.deleted()) {
      if (wasLive) {
        transaction.delete(Tables.ALL_DOCS, key);
      }
    } else if (!wasLive || !same(oldWinner.orElseThrow(), winner)) {
      Revision revision = winner.revision();
      transaction.put(
          Tables.ALL_DOCS,
          key,
          new TupleWriter().add(revision.position()).add(revision.id()).toBytes());
    }
    int live = (winner.deleted() ? 0 : 1) - (wasLive ? 1 : 0);
    docCount += live;
    designCount += DocumentIds.isDesign(id) ? live : 0;
    docDelCount += (winner.deleted() ? 1 : 0) - (wasDeleted ? 1 : 0);
  }

  /** Deletes the bodies of revisions that no path reaches any more. */
  private void deleteForgotten(EditedDocument document) {
    RevisionTree before = document.before;
    RevisionTree after = document.tree;
    boolean complete =
        after.leaves().stream().allMatch(leaf -> leaf.path().reachesFirst());
    if (complete && !document.isPurged()) {
      return;
    }
    Set<Revision> forgotten = new HashSet<>(before.revisions());
    forgotten.removeAll(after.revisions());
    // The revisions below every path are one range: a history may be arbitrarily long.
    long lowest =
        after.leaves().stream()
            .mapToLong(leaf -> leaf.path().lowest())
            .min()
            .orElse(Revision.POSITION_MAX + 1);
    List<Range> ranges = new ArrayList<>();
    if (forgotten.stream().anyMatch(revision -> revision.position() < lowest)) {
      ranges.add(Tables.bodiesBelow(document.id, lowest));
    }
    forgotten.stream()
        .filter(revision -> revision.position() >= lowest)
        .forEach(revision -> ranges.add(Tables.body(document.id, revision)));
    nonLeafBytes.countForgotten(before, forgotten, ranges);
    if (settings.hasAttachments()) {
      ranges.forEach(range -> dereference(document.id, range));
    }
    ranges.forEach(transaction::deleteRange);
  }

  private void countSize(Leaf leaf, int sign) {
    sizeActive += sign * Bodies.storedBytes(leaf);
    sizeExternal += sign * (leaf.bodyBytes() + leaf.attachments().contentBytes());
  }

  private static Map<Revision, Leaf> byRevision(RevisionTree tree) {
    Map<Revision, Leaf> leaves = HashMap.newHashMap(tree.leaves().size());
    tree.leaves().forEach(leaf -> leaves.put(leaf.revision(), leaf));
    return leaves;
  }

  private static boolean isLeaf(Map<Revision, Leaf> leaves, Leaf leaf) {
    Leaf other = leaves.get(leaf.revision());
    return other != null && other.deleted() == leaf.deleted();
  }

  private static boolean same(Leaf one, Leaf other) {
    return one.deleted() == other.deleted() && one.revision().equals(other.revision());
  }
}

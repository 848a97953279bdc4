package io.divan.document;

import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionTree;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.LeafRow;
import io.divan.document.rows.LeafRows;
import io.divan.document.rows.LocalDocuments;
import io.divan.document.rows.Tables;
import io.divan.json.JsonBuffer;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Chosen documents in a chosen order, as {@code _all_docs} returns them for {@code keys}: deleted
 * and local ones are included. Read in batches, each from one snapshot. For one thread.
 */
public final class DocumentsByKey {

  private static final int KEYS_MAX = 500;

  /**
   * The row of one id.
   *
   * @param id the requested id
   * @param revision its winner as CouchDB writes it, empty if the document does not exist
   * @param deleted whether the winner is a tombstone
   * @param json the document, if documents are included, and it is visible and not deleted
   * @param attachments its attachments, if contents were asked for; the JSON has none then
   */
  public record Row(
      String id,
      Optional<String> revision,
      boolean deleted,
      Optional<byte[]> json,
      List<ShownAttachment> attachments) {}

  private final Store store;
  private final VisibleBodies visible;
  private final AttachmentReader attachments;
  private final List<String> ids;
  private final boolean includeDocs;
  private final boolean conflicts;
  private final AttachmentOptions shownAttachments;
  private int position;

  DocumentsByKey(
      Store store,
      VisibleBodies visible,
      AttachmentReader attachments,
      List<String> ids,
      boolean includeDocs,
      boolean conflicts,
      AttachmentOptions shownAttachments) {
    this.store = store;
    this.visible = visible;
    this.attachments = attachments;
    this.shownAttachments = shownAttachments;
    this.ids = ids;
    this.includeDocs = includeDocs;
    this.conflicts = conflicts;
  }

  /** Whether more ids are left. */
  public boolean hasNext() {
    return position < ids.size();
  }

  /** The rows of the next ids, at least one. */
  public List<Row> next() {
    List<String> some = ids.subList(position, Math.min(ids.size(), position + KEYS_MAX));
    List<Row> rows = store.read(transaction -> rows(transaction, some));
    position += rows.size();
    return rows;
  }

  private List<Row> rows(ReadTransaction transaction, List<String> some) {
    List<Range> ranges =
        some.stream()
            .map(id -> isLocal(id) ? LocalDocuments.range(id) : Tables.leaves(id).reversed())
            .map(range -> range.limit(1))
            .toList();
    List<Found> found = new ArrayList<>(some.size());
    List<Page> pages = transaction.scanAll(ranges);
    for (int i = 0; i < pages.size(); i++) {
      Page page = pages.get(i);
      if (page.rows().isEmpty() && page.stop() == Page.Stop.BYTES) {
        break;
      }
      found.add(found(some.get(i), page));
    }
    return includeDocs
        ? withDocs(transaction, found)
        : found.stream().map(Found::row).toList();
  }

  /** The state of one id before its body is read. */
  private record Found(String id, String revision, Optional<Revision> winner, boolean deleted) {

    boolean isLive() {
      return !revision.isEmpty() && !deleted;
    }

    Range body() {
      return winner
          .map(wanted -> Tables.body(id, wanted))
          .orElseGet(() -> LocalDocuments.range(id));
    }

    Row row() {
      return row(Optional.empty(), List.of());
    }

    Row row(Optional<byte[]> json, List<ShownAttachment> shown) {
      Optional<String> known = Optional.of(revision).filter(r -> !r.isEmpty());
      return new Row(id, known, deleted, json, shown);
    }
  }

  private static boolean isLocal(String id) {
    return DocumentIds.isLocal(id);
  }

  private static Found found(String id, Page page) {
    if (page.rows().isEmpty()) {
      return new Found(id, "", Optional.empty(), false);
    }
    KeyValue first = page.rows().getFirst();
    if (isLocal(id)) {
      long number = LocalDocuments.open(first.value()).nextVarlong();
      return new Found(id, "0-" + number, Optional.empty(), false);
    }
    Leaf winner = LeafRow.decode(first).leaf();
    Revision revision = winner.revision();
    return new Found(id, revision.toString(), Optional.of(revision), winner.deleted());
  }

  /** Adds documents to the first rows: as many as the limit on bytes of one call allows. */
  private List<Row> withDocs(ReadTransaction transaction, List<Found> found) {
    List<Found> live = found.stream().filter(Found::isLive).toList();
    List<List<KeyValue>> chunks =
        live.isEmpty()
            ? List.of()
            : Bodies.chunksOfFirst(transaction, live.stream().map(Found::body).toList());
    List<Optional<Bodies.Body>> bodies = new ArrayList<>(chunks.size());
    for (int i = 0; i < chunks.size(); i++) {
      bodies.add(body(live.get(i), chunks.get(i)));
    }
    bodies = bodies.subList(0, AttachmentReader.batch(bodies, shownAttachments));
    AttachmentReader.Found contents = attachments.find(transaction, bodies, shownAttachments);
    List<RevisionTree> trees =
        conflicts
            ? LeafRows.trees(
                transaction, live.subList(0, bodies.size()).stream().map(Found::id).toList())
            : List.of();
    List<Row> withDocs = new ArrayList<>(found.size());
    int read = 0;
    for (Found one : found) {
      if (!one.isLive()) {
        withDocs.add(one.row());
      } else if (read == bodies.size()) {
        break;
      } else {
        Optional<RevisionTree> tree =
            conflicts && one.winner().isPresent()
                ? Optional.of(trees.get(read))
                : Optional.empty();
        withDocs.add(withDoc(transaction, one, bodies.get(read), contents, tree));
        read++;
      }
    }
    return withDocs;
  }

  private static Optional<Bodies.Body> body(Found found, List<KeyValue> chunks) {
    return found.winner().isPresent()
        ? Bodies.join(chunks)
        : LocalDocuments.join(chunks).map(local -> new Bodies.Body(false, local.json()));
  }

  private Row withDoc(
      ReadTransaction transaction,
      Found found,
      Optional<Bodies.Body> read,
      AttachmentReader.Found contents,
      Optional<RevisionTree> tree) {
    Bodies.Body body =
        read.orElseThrow(
            () -> DocumentReader.bodyMissing(found.id(), found.winner().orElseThrow()));
    Optional<byte[]> shown =
        isLocal(found.id())
            ? Optional.of(body.json())
            : visible.ifVisible(transaction, found.id(), body.json());
    if (shown.isEmpty()) {
      return found.row();
    }
    JsonBuffer out = new JsonBuffer();
    DocumentJson.open(out, found.id(), found.revision(), false, shown.get());
    if (tree.isPresent()) {
      ReadOptions options = ReadOptions.conflicts(true);
      DocumentJson.meta(
          out,
          transaction,
          found.id(),
          tree.get(),
          tree.get().winner().orElseThrow(),
          Optional.empty(),
          options);
    }
    List<ShownAttachment> withContents =
        AttachmentReader.show(
            contents, out, AttachmentReader.visible(body, shown.get()), shownAttachments);
    return found.row(Optional.of(out.raw('}').toBytes()), withContents);
  }
}

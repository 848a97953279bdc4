package io.divan.document;

import io.divan.document.revision.Attachment;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionPath;
import io.divan.document.revision.RevisionTree;
import io.divan.document.revision.Sequence;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.ChangeRow;
import io.divan.document.rows.LeafRow;
import io.divan.document.rows.LeafRows;
import io.divan.document.rows.LocalDocuments;
import io.divan.document.rows.Tables;
import io.divan.json.JsonBuffer;
import io.divan.storage.ReadTransaction;
import java.util.List;
import java.util.Optional;

/** Reads single documents within a transaction, as one principal sees them. */
final class DocumentReader {
  private final DatabaseSettings settings;
  private final VisibleBodies bodies;
  private final AttachmentReader attachments;

  DocumentReader(
      DatabaseSettings settings, VisibleBodies bodies, AttachmentReader attachments) {
    this.settings = settings;
    this.bodies = bodies;
    this.attachments = attachments;
  }

  /**
   * Reads the winner of a document.
   *
   * @param deletedToo whether to return a tombstone, too
   * @throws DocumentException.NotFound if it is missing, or deleted without {@code deletedToo}
   */
  FoundDocument read(
      ReadTransaction transaction,
      String id,
      boolean deletedToo,
      ReadOptions options) {
    return assemble(transaction, id, winner(transaction, id, deletedToo), options);
  }

  private static LeafRow winner(ReadTransaction transaction, String id, boolean deletedToo) {
    LeafRow row = LeafRows.winner(transaction, id).orElseThrow(DocumentReader::missing);
    if (row.leaf().deleted() && !deletedToo) {
      throw new DocumentException.NotFound("deleted");
    }
    return row;
  }

  private FoundDocument assemble(
      ReadTransaction transaction,
      String id,
      LeafRow row,
      ReadOptions options) {
    Leaf winner = row.leaf();
    Bodies.Body body =
        Bodies.read(transaction, id, winner.revision())
            .orElseThrow(() -> bodyMissing(id, winner.revision()));
    String revision = winner.revision().toString();
    JsonBuffer out = new JsonBuffer();
    byte[] json = bodies.visible(transaction, id, body.json());
    DocumentJson.open(out, id, revision, winner.deleted(), json);
    if (options.revisions()) {
      DocumentJson.revisions(out, settings.cut(transaction, winner.path()));
    }
    int fixed = out.length();
    if (options.needsTree() || options.localSequence()) {
      RevisionTree tree =
          options.needsTree() && row.branches() > 1
              ? LeafRows.tree(transaction, id)
              : RevisionTree.of(List.of(winner));
      Optional<Sequence> sequence = sequence(transaction, row, options);
      DocumentJson.meta(out, transaction, id, tree, winner, sequence, options);
    }
    boolean more = out.length() > fixed;
    List<ShownAttachment> shown = show(transaction, out, body, json, winner.path(), options);
    return new FoundDocument(revision, out.raw('}').toBytes(), !more, shown);
  }

  private static Optional<Sequence> sequence(
      ReadTransaction transaction, LeafRow winner, ReadOptions options) {
    return winner
        .sequence()
        .filter(stamp -> options.localSequence())
        .map(stamp -> ChangeRow.sequences(transaction, List.of(stamp)).getFirst());
  }

  /**
   * Reads one revision of a document.
   *
   * @param options the members to add; only {@code _revisions} has an effect
   * @throws DocumentException.NotFound if the revision is unknown or its body is not stored
   */
  FoundDocument read(
      ReadTransaction transaction,
      String id,
      Revision revision,
      ReadOptions options) {
    RevisionPath path =
        LeafRows.tree(transaction, id).find(revision).orElseThrow(DocumentReader::missing);
    Bodies.Body body =
        Bodies.read(transaction, id, revision).orElseThrow(DocumentReader::missing);
    JsonBuffer out = new JsonBuffer();
    byte[] json = bodies.visible(transaction, id, body.json());
    DocumentJson.open(out, id, revision.toString(), body.deleted(), json);
    if (options.revisions()) {
      DocumentJson.revisions(out, settings.cut(transaction, path));
    }
    List<ShownAttachment> shown = show(transaction, out, body, json, path, options);
    return new FoundDocument(revision.toString(), out.raw('}').toBytes(), true, shown);
  }

  private List<ShownAttachment> show(
      ReadTransaction transaction,
      JsonBuffer out,
      Bodies.Body body,
      byte[] shown,
      RevisionPath path,
      ReadOptions options) {
    return attachments.show(
        transaction,
        out,
        AttachmentReader.visible(body, shown),
        path,
        options.attachments());
  }

  /**
   * Finds an attachment.
   *
   * @param revision the revision; empty for the winner
   * @param deletedToo whether to return one of a tombstone that is the winner
   * @throws DocumentException.NotFound if the document, the revision or the attachment is missing
   */
  FoundAttachment attachment(
      ReadTransaction transaction,
      String id,
      String name,
      Optional<Revision> revision,
      boolean deletedToo) {
    Revision wanted =
        revision.orElseGet(() -> winner(transaction, id, deletedToo).leaf().revision());
    Attachment attachment =
        attachments(transaction, id, wanted).stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow(
                () -> new DocumentException.NotFound("Document is missing attachment"));
    return new FoundAttachment(
        wanted.toString(), attachment, attachments.content(transaction, attachment));
  }

  /** Finds an attachment of the best leaf that descends from a revision. */
  FoundAttachment latestAttachment(
      ReadTransaction transaction, String id, String name, Revision revision) {
    Revision leaf =
        LeafRows.tree(transaction, id).leavesFrom(revision).stream()
            .findFirst()
            .orElseThrow(DocumentReader::missing)
            .revision();
    return attachment(transaction, id, name, Optional.of(leaf), false);
  }

  /** Reads the attachments of a revision; without its body, unless that may be hidden. */
  private List<Attachment> attachments(
      ReadTransaction transaction, String id, Revision revision) {
    if (!bodies.hasRule()) {
      return Bodies.attachments(transaction, id, revision).orElseThrow(DocumentReader::missing);
    }
    Bodies.Body body =
        Bodies.read(transaction, id, revision).orElseThrow(DocumentReader::missing);
    return AttachmentReader.visible(body, bodies.visible(transaction, id, body.json()));
  }

  /**
   * Reads the best leaf that descends from a revision.
   *
   * @throws DocumentException.NotFound if the revision is unknown
   */
  FoundDocument readLatest(
      ReadTransaction transaction,
      String id,
      Revision revision,
      ReadOptions options) {
    List<LeafRow> rows =
        Bodies.readAll(transaction, transaction.scan(Tables.leaves(id))).stream()
            .map(LeafRow::decode)
            .toList();
    RevisionTree tree = RevisionTree.of(rows.stream().map(LeafRow::leaf).toList());
    Leaf leaf =
        tree.leavesFrom(revision).stream().findFirst().orElseThrow(DocumentReader::missing);
    Bodies.Body body =
        Bodies.read(transaction, id, leaf.revision()).orElseThrow(DocumentReader::missing);
    JsonBuffer out = new JsonBuffer();
    byte[] json = bodies.visible(transaction, id, body.json());
    DocumentJson.open(out, id, leaf.revision().toString(), body.deleted(), json);
    if (options.revisions()) {
      DocumentJson.revisions(out, settings.cut(transaction, leaf.path()));
    }
    int fixed = out.length();
    DocumentJson.meta(
        out, transaction, id, tree, leaf, sequence(transaction, rows.getLast(), options), options);
    boolean more = out.length() > fixed;
    List<ShownAttachment> shown = show(transaction, out, body, json, leaf.path(), options);
    return new FoundDocument(leaf.revision().toString(), out.raw('}').toBytes(), !more, shown);
  }

  private static DocumentException missing() {
    return new DocumentException.NotFound("missing");
  }

  /** Reads the content of a document as the input of another edit, without id and revision. */
  DocumentInput copyOf(
      ReadTransaction transaction, String id, Optional<Revision> revision) {
    if (DocumentIds.isLocal(id)) {
      return LocalDocuments.read(transaction, id)
          // CouchDB has no revisions of local documents to choose from.
          .filter(local -> revision.isEmpty())
          .map(local -> input(false, local.json(), List.of()))
          .orElseThrow(DocumentReader::missing);
    }
    Revision wanted =
        revision.orElseGet(() -> winner(transaction, id, false).leaf().revision());
    return Bodies.read(transaction, id, wanted)
        .map(
            body -> {
              byte[] shown = bodies.visible(transaction, id, body.json());
              return input(body.deleted(), shown, AttachmentReader.visible(body, shown));
            })
        .orElseThrow(DocumentReader::missing);
  }

  private static DocumentInput input(
      boolean deleted, byte[] json, List<Attachment> attachments) {
    return new DocumentInput(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        deleted,
        attachments.stream().<AttachmentInput>map(AttachmentInput.Copied::new).toList(),
        json);
  }

  static IllegalStateException bodyMissing(String id, Revision revision) {
    return new IllegalStateException("The leaf " + revision + " of " + id + " has no body");
  }
}

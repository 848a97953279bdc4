package io.divan.document;

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

  DocumentReader(DatabaseSettings settings, VisibleBodies bodies) {
    this.settings = settings;
    this.bodies = bodies;
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
    LeafRow row =
        LeafRows.winner(transaction, id)
            .orElseThrow(() -> new DocumentException.NotFound("missing"));
    Leaf winner = row.leaf();
    if (winner.deleted() && !deletedToo) {
      throw new DocumentException.NotFound("deleted");
    }
    return assemble(transaction, id, row, options);
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
    return new FoundDocument(revision, out.raw('}').toBytes(), !more);
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
    return new FoundDocument(revision.toString(), out.raw('}').toBytes());
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
    return new FoundDocument(leaf.revision().toString(), out.raw('}').toBytes(), !more);
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
          .map(local -> input(false, local.json()))
          .orElseThrow(() -> new DocumentException.NotFound("missing"));
    }
    Revision wanted =
        revision
            .or(
                () -> LeafRows.winner(transaction, id)
                    .map(LeafRow::leaf)
                    .map(DocumentReader::live)
                    .map(Leaf::revision))
            .filter(r -> revision.isEmpty() || LeafRows.tree(transaction, id).contains(r))
            .orElseThrow(() -> new DocumentException.NotFound("missing"));
    return Bodies.read(transaction, id, wanted)
        .map(body -> input(body.deleted(), bodies.visible(transaction, id, body.json())))
        .orElseThrow(() -> new DocumentException.NotFound("missing"));
  }

  private static Leaf live(Leaf winner) {
    if (winner.deleted()) {
      throw new DocumentException.NotFound("deleted");
    }
    return winner;
  }

  private static DocumentInput input(boolean deleted, byte[] json) {
    return new DocumentInput(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        deleted,
        false,
        json);
  }

  static IllegalStateException bodyMissing(String id, Revision revision) {
    return new IllegalStateException("The leaf " + revision + " of " + id + " has no body");
  }
}

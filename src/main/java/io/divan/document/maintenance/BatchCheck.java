package io.divan.document.maintenance;

import io.divan.document.revision.Attachment;
import io.divan.document.revision.AttachmentTotals;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionTree;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.ChangeRow;
import io.divan.document.rows.ContentRows;
import io.divan.document.rows.LeafRow;
import io.divan.document.rows.LeafRows;
import io.divan.document.rows.LocalDocuments;
import io.divan.document.rows.PurgeInfos;
import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import io.divan.storage.BatchScan;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Checks a batch of rows against the other rows of its snapshot, so that concurrent writes cause no
 * false problems. A row that cannot be decoded is a problem.
 */
final class BatchCheck {

  /**
   * The result of a batch.
   *
   * @param rows the rows that were checked
   * @param problems the problems, a sentence each
   * @param unfinished the document that may have more leaves after the batch; it has been checked
   */
  record Result(List<KeyValue> rows, List<String> problems, Optional<String> unfinished) {}

  private record Document(String id, int start, List<LeafRow> leaves, List<String> problems) {
    Document(String id, int start) {
      this(id, start, new ArrayList<>(), new ArrayList<>());
    }

    LeafRow last() {
      return leaves.getLast();
    }
  }

  private final ReadTransaction snapshot;
  private final List<KeyValue> rows;
  private final List<String> problems = new ArrayList<>();

  private BatchCheck(ReadTransaction snapshot, List<KeyValue> rows) {
    this.snapshot = snapshot;
    this.rows = rows;
  }

  /** Accepts rows that are only counted. */
  static BatchScan.Batch<Result> unchecked(ReadTransaction snapshot, List<KeyValue> rows) {
    return new BatchCheck(snapshot, rows).take(rows.size(), Optional.empty());
  }

  /**
   * Checks the documents of these rows of docs.
   *
   * @param done the document that was unfinished in the batch before
   */
  static BatchScan.Batch<Result> documents(
      ReadTransaction snapshot, List<KeyValue> rows, Optional<String> done) {
    return new BatchCheck(snapshot, rows).documents(done);
  }

  /** Checks that each change has the key that its document's winner names. */
  static BatchScan.Batch<Result> changes(ReadTransaction snapshot, List<KeyValue> rows) {
    BatchCheck check = new BatchCheck(snapshot, rows);
    Optional<byte[]> updates = snapshot.get(Tables.STATS, Tables.UPDATE_COUNT);
    check.eachWithWinner(
        Tables.CHANGES,
        row -> new TupleReader(row.value()).nextString(),
        (id, row, winner) -> {
          ChangeRow change = ChangeRow.decode(row);
          Versionstamp sequence = change.stamp();
          long number = change.number().orElse(0L);
          check.expect(
              updates.isEmpty() || number <= Stats.counter(updates),
              "the change at " + sequence + " has number " + number
                  + ", which exceeds the counter of updates");
          if (winner.isEmpty()) {
            check.problems.add("the change at " + sequence + " names " + id + ", which is missing");
          } else if (winner.get().sequence().filter(is -> !is.equals(sequence)).isPresent()) {
            check.problems.add(
                "the change at " + sequence + " names " + id + ", whose change is at "
                    + winner.get().sequence().get());
          }
        });
    return check.take(rows.size(), Optional.empty());
  }

  /** Checks that each row of all_docs belongs to a document. */
  static BatchScan.Batch<Result> listed(ReadTransaction snapshot, List<KeyValue> rows) {
    BatchCheck check = new BatchCheck(snapshot, rows);
    check.eachWithWinner(
        Tables.ALL_DOCS,
        row -> new TupleReader(row.key()).nextString(),
        (id, row, winner) -> {
          if (winner.isEmpty()) {
            check.problems.add(id + " is listed, but missing");
          }
        });
    return check.take(rows.size(), Optional.empty());
  }

  /** Checks the keys and layouts of local documents. */
  static BatchScan.Batch<Result> locals(ReadTransaction snapshot, List<KeyValue> rows) {
    BatchCheck check = new BatchCheck(snapshot, rows);
    for (KeyValue row : rows) {
      guarded(
          () -> name(Tables.LOCAL_DOCS, row),
          check.problems,
          () -> {
            if (LocalDocuments.isFirst(row)) {
              LocalDocuments.open(row.value());
            }
          });
    }
    return check.take(rows.size(), Optional.empty());
  }

  /**
   * Checks that the references of bodies have rows. Returns the body rows of non-leaf revisions.
   */
  static BatchScan.Batch<Result> bodies(ReadTransaction snapshot, List<KeyValue> rows) {
    BatchCheck check = new BatchCheck(snapshot, rows);
    List<ContentRows.Reference> references = new ArrayList<>();
    List<byte[]> keys = new ArrayList<>();
    for (KeyValue row : rows) {
      guarded(
          () -> name(Tables.REV_DATA, row),
          check.problems,
          () -> {
            for (Attachment attachment : Bodies.attachments(row)) {
              ContentRows.Reference reference =
                  new ContentRows.Reference(
                      attachment.content().sha256(),
                      new TupleReader(row.key()).nextString(),
                      Bodies.revision(row));
              references.add(reference);
              keys.add(ContentRows.referenceKey(reference));
            }
          });
    }
    List<Optional<byte[]>> stored = snapshot.getAll(Tables.ATTACHMENTS, keys);
    for (int i = 0; i < stored.size(); i++) {
      ContentRows.Reference reference = references.get(i);
      check.expect(
          stored.get(i).isPresent(),
          reference.id() + " " + reference.revision() + " lacks the row of its reference to the"
              + " content " + HexFormat.of().formatHex(reference.sha256())
              + ": another document that lets it go would remove it");
    }
    Result old = nonLeafBodies(snapshot, rows).items().getFirst();
    return new BatchScan.Batch<>(
        List.of(new Result(old.rows(), List.copyOf(check.problems), Optional.empty())),
        rows.size());
  }

  /**
   * Returns the body rows of non-leaf revisions. Does not report problems of the documents
   * themselves.
   */
  static BatchScan.Batch<Result> nonLeafBodies(ReadTransaction snapshot, List<KeyValue> rows) {
    List<KeyValue> old = new ArrayList<>();
    Map<String, Optional<RevisionTree>> trees = new HashMap<>();
    for (KeyValue row : rows) {
      guarded(
          () -> "",
          new ArrayList<>(),
          () -> {
            TupleReader key = new TupleReader(row.key());
            String id = key.nextString();
            Revision revision = new Revision(key.nextLong(), key.nextBytes());
            Optional<RevisionTree> tree =
                trees.computeIfAbsent(id, of -> tree(snapshot, of)).filter(of -> !of.isEmpty());
            if (tree.isPresent() && tree.get().leaf(revision).isEmpty()) {
              old.add(row);
            }
          });
    }
    return new BatchScan.Batch<>(
        List.of(new Result(old, List.of(), Optional.empty())), rows.size());
  }

  private static Optional<RevisionTree> tree(ReadTransaction snapshot, String id) {
    try {
      return Optional.of(LeafRows.tree(snapshot, id));
    } catch (StorageException e) {
      throw e;
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }

  /** Checks that rows of purges can be decoded. */
  static BatchScan.Batch<Result> purges(ReadTransaction snapshot, List<KeyValue> rows) {
    BatchCheck check = new BatchCheck(snapshot, rows);
    for (KeyValue row : rows) {
      guarded(() -> name(Tables.PURGES, row), check.problems, () -> PurgeInfos.decode(row));
    }
    return check.take(rows.size(), Optional.empty());
  }

  private BatchScan.Batch<Result> take(int count, Optional<String> unfinished) {
    Result result =
        new Result(List.copyOf(rows.subList(0, count)), List.copyOf(problems), unfinished);
    return new BatchScan.Batch<>(List.of(result), count);
  }

  private BatchScan.Batch<Result> documents(Optional<String> done) {
    List<Document> documents = group();
    Optional<String> unfinished = Optional.empty();
    int end = rows.size();
    if (documents.size() > 1) {
      end = documents.removeLast().start(); // may have more leaves: the next batch reads it
    } else {
      Document only = documents.getFirst();
      unfinished = Optional.of(only.id());
      Range rest = Tables.leaves(only.id()).after(rows.getLast().key());
      if (!rest.isEmpty() && !unfinished.equals(done)) {
        Bodies.readAll(snapshot, snapshot.scan(rest)).forEach(row -> decode(row, only));
      }
    }
    documents.removeIf(document -> done.filter(document.id()::equals).isPresent());
    int examined = examine(documents);
    if (examined < documents.size()) {
      end = documents.get(examined).start();
      unfinished = Optional.empty();
    }
    return take(end, unfinished);
  }

  /** Groups the rows by document, at least one. A row without an id joins the row before it. */
  private List<Document> group() {
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      String id = id(rows.get(i)).or(() -> last(documents)).orElse("");
      if (last(documents).filter(id::equals).isEmpty()) {
        documents.add(new Document(id, i));
      }
      decode(rows.get(i), documents.getLast());
    }
    return documents;
  }

  private static Optional<String> last(List<Document> documents) {
    return documents.isEmpty() ? Optional.empty() : Optional.of(documents.getLast().id());
  }

  private static Optional<String> id(KeyValue row) {
    try {
      return Optional.of(new TupleReader(row.key()).nextString());
    } catch (RuntimeException e) {
      return Optional.empty(); // decoding the row reports the problem
    }
  }

  private static void decode(KeyValue row, Document document) {
    guarded(
        () -> name(Tables.DOCS, row),
        document.problems(),
        () -> document.leaves().add(LeafRow.decode(row)));
  }

  /** Checks as many documents as one read allows. Returns their number. */
  private int examine(List<Document> documents) {
    List<Range> ranges = new ArrayList<>();
    for (Document document : documents) {
      for (LeafRow row : document.leaves()) {
        ranges.add(Tables.body(document.id(), row.leaf().revision()));
      }
    }
    List<List<KeyValue>> bodies = new ArrayList<>();
    int first = documents.isEmpty() ? 0 : documents.getFirst().leaves().size();
    while (bodies.size() < first || bodies.isEmpty() && !ranges.isEmpty()) {
      bodies.addAll(
          Bodies.chunksOfFirst(snapshot, ranges.subList(bodies.size(), ranges.size())));
    }
    int examined = 0;
    int used = 0;
    while (examined < documents.size()
        && used + documents.get(examined).leaves().size() <= bodies.size()) {
      used += documents.get(examined).leaves().size();
      examined++;
    }
    examine(documents.subList(0, examined), bodies);
    return examined;
  }

  private void examine(List<Document> documents, List<List<KeyValue>> bodies) {
    List<Document> whole =
        documents.stream().filter(document -> !document.leaves().isEmpty()).toList();
    List<Optional<byte[]>> listed =
        snapshot.getAll(
            Tables.ALL_DOCS, whole.stream().map(document -> Tables.key(document.id())).toList());
    List<Optional<byte[]>> changes =
        snapshot.getAll(
            Tables.CHANGES,
            whole.stream()
                .map(document -> document.last().sequence().orElse(Versionstamp.ZERO))
                .map(Tables::changeKey)
                .toList());
    documents.forEach(document -> problems.addAll(document.problems()));
    int body = 0;
    for (int i = 0; i < whole.size(); i++) {
      Document document = whole.get(i);
      List<List<KeyValue>> own = bodies.subList(body, body + document.leaves().size());
      body += own.size();
      Optional<byte[]> list = listed.get(i);
      Optional<byte[]> change = changes.get(i);
      guarded(
          () -> "The document " + document.id(),
          problems,
          () -> examine(document, own, list, change));
    }
  }

  private void examine(
      Document document,
      List<List<KeyValue>> bodies,
      Optional<byte[]> list,
      Optional<byte[]> change) {
    String id = document.id();
    LeafRow last = document.last();
    Leaf winner = last.leaf();
    long winners =
        document.leaves().stream().filter(row -> row.sequence().isPresent()).count();
    expect(winners == 1 && last.sequence().isPresent(), id + " has " + winners + " winners");
    expect(
        last.branches() == document.leaves().size(),
        id + " says it has " + last.branches() + " leaves");
    for (int i = 0; i < bodies.size(); i++) {
      Leaf leaf = document.leaves().get(i).leaf();
      Optional<Bodies.Body> body = Bodies.join(bodies.get(i));
      expect(
          body.isPresent()
              && body.get().deleted() == leaf.deleted()
              && body.get().json().length == leaf.bodyBytes(),
          id + " has no body of the leaf " + leaf.revision());
      body.ifPresent(is -> attachments(id, leaf, is));
    }
    Optional<Revision> listed =
        list.map(TupleReader::new)
            .map(value -> new Revision(value.nextLong(), value.nextBytes()));
    Optional<Revision> right =
        winner.deleted() ? Optional.empty() : Optional.of(winner.revision());
    expect(
        listed.equals(right),
        id + " is listed " + with(listed) + ", but should be listed " + with(right));
    last.sequence().ifPresent(sequence -> change(id, sequence, winner, change));
  }

  private void attachments(String id, Leaf leaf, Bodies.Body body) {
    AttachmentTotals totals = Bodies.totals(body);
    expect(
        totals.equals(leaf.attachments()),
        id + " says of the leaf " + leaf.revision() + " " + leaf.attachments()
            + ", but its body references " + totals);
  }

  private static String with(Optional<Revision> revision) {
    return revision.map(is -> "with " + is).orElse("not at all");
  }

  private void change(
      String id, Versionstamp sequence, Leaf winner, Optional<byte[]> change) {
    if (change.isEmpty()) {
      problems.add(id + " has no change at " + sequence);
      return;
    }
    ChangeRow row = ChangeRow.decode(sequence, change.get());
    boolean same =
        row.id().equals(id)
            && row.winner().equals(winner.revision())
            && row.deleted() == winner.deleted();
    expect(same, "the change at " + sequence + " does not name the winner of " + id);
  }

  @FunctionalInterface
  private interface WithWinner {
    void examine(String id, KeyValue row, Optional<LeafRow> winner);
  }

  @FunctionalInterface
  private interface IdOf {
    String of(KeyValue row);
  }

  /** Passes each row to the action, with the last leaf of the document it names. */
  private void eachWithWinner(Table table, IdOf idOf, WithWinner action) {
    List<KeyValue> readable = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (KeyValue row : rows) {
      guarded(
          () -> name(table, row),
          problems,
          () -> {
            ids.add(idOf.of(row));
            readable.add(row);
          });
    }
    List<Range> ranges =
        ids.stream().map(id -> Tables.leaves(id).reversed().limit(1)).toList();
    List<List<KeyValue>> winners = new ArrayList<>();
    while (winners.size() < ranges.size()) {
      winners.addAll(
          Bodies.chunksOfFirst(snapshot, ranges.subList(winners.size(), ranges.size())));
    }
    for (int i = 0; i < readable.size(); i++) {
      KeyValue row = readable.get(i);
      String id = ids.get(i);
      List<KeyValue> winner = winners.get(i);
      guarded(
          () -> name(table, row),
          problems,
          () -> action.examine(id, row, winner.stream().map(LeafRow::decode).findFirst()));
    }
  }

  private static String name(Table table, KeyValue row) {
    return "The row " + TupleText.print(row.key()) + " of " + table.name();
  }

  /**
   * Reports any exception of a step as a problem, except storage exceptions, which end the check.
   */
  static void guarded(Supplier<String> what, List<String> problems, Runnable step) {
    try {
      step.run();
    } catch (StorageException e) {
      throw e;
    } catch (RuntimeException e) {
      problems.add(what.get() + " cannot be read: " + e.getMessage());
    }
  }

  private void expect(boolean holds, String problem) {
    if (!holds) {
      problems.add(problem);
    }
  }
}

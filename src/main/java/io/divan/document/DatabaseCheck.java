package io.divan.document;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TupleReader;
import io.divan.storage.TupleText;
import io.divan.storage.Versionstamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Walks a database and names what breaks an invariant:
 *
 * <ol>
 *   <li>the highest change is {@code last_change};
 *   <li>each document has one change, at its sequence, that names its winner;
 *   <li>each document has one winner's row, its last one, that knows the number of leaves;
 *   <li>each leaf has its body, of the length and deletion its row says;
 *   <li>{@code all_docs} lists the winners that are not deleted, and nothing else;
 *   <li>the counters equal a recount.
 * </ol>
 *
 * <p>Rows that cannot be decoded are problems too, and the walk goes on after them. It needs a
 * snapshot that lasts as long as the walk.
 */
final class DatabaseCheck {
  private final ReadTransaction snapshot;
  private final CheckListener listener;
  private final long[] counts = new long[6];
  private long documents;
  private long walked;

  private DatabaseCheck(ReadTransaction snapshot, CheckListener listener) {
    this.snapshot = snapshot;
    this.listener = listener;
  }

  static void run(Store store, CheckListener listener) {
    try (Snapshot snapshot = store.openSnapshot()) {
      new DatabaseCheck(snapshot, listener).walk();
    }
  }

  private void walk() {
    List<LeafRow> rows = new ArrayList<>();
    String[] id = {""};
    each(
        Tables.DOCS,
        row -> {
          String next = new TupleReader(row.key()).nextString();
          if (!next.equals(id[0]) && !rows.isEmpty()) {
            document(id[0], rows);
            rows.clear();
          }
          id[0] = next;
          rows.add(LeafRow.decode(row));
        });
    if (!rows.isEmpty()) {
      document(id[0], rows);
    }
    changes();
    long[] listed = {0};
    each(Tables.ALL_DOCS, row -> listed[0]++);
    expect(listed[0] == counts[0], "all_docs lists " + listed[0] + " of " + counts[0]);
    each(
        Tables.LOCAL_DOCS,
        row -> {
          TupleReader key = new TupleReader(row.key());
          key.nextString();
          counts[3] += key.nextLong() == 0 ? 1 : 0;
        });
    guarded(() -> "The counters", this::counters);
  }

  private void document(String id, List<LeafRow> rows) {
    guarded(() -> "The document " + id, () -> examine(id, rows));
  }

  private void examine(String id, List<LeafRow> rows) {
    documents++;
    LeafRow last = rows.getLast();
    Leaf winner = last.leaf();
    long winners = rows.stream().filter(row -> row.sequence().isPresent()).count();
    expect(winners == 1 && last.sequence().isPresent(), id + " has " + winners + " winners");
    expect(last.branches() == rows.size(), id + " says it has " + last.branches() + " leaves");
    for (LeafRow row : rows) {
      leaf(id, row.leaf());
    }
    counts[winner.deleted() ? 1 : 0]++;
    counts[2] += !winner.deleted() && DocumentIds.isDesign(id) ? 1 : 0;
    Optional<Revision> listed =
        snapshot
            .get(Tables.ALL_DOCS, Tables.key(id))
            .map(TupleReader::new)
            .map(value -> new Revision(value.nextLong(), value.nextBytes()));
    expect(
        listed.equals(winner.deleted() ? Optional.empty() : Optional.of(winner.revision())),
        id + " is listed with " + listed);
    last.sequence().ifPresent(sequence -> change(id, sequence, winner));
  }

  private void leaf(String id, Leaf leaf) {
    Optional<Bodies.Body> body = Bodies.read(snapshot, id, leaf.revision());
    expect(
        body.isPresent()
            && body.get().deleted() == leaf.deleted()
            && body.get().json().length == leaf.bodyBytes(),
        id + " has no body of the leaf " + leaf.revision());
    counts[4] += Bodies.storedBytes(leaf.bodyBytes());
    counts[5] += leaf.bodyBytes();
  }

  private void change(String id, Versionstamp sequence, Leaf winner) {
    Optional<byte[]> change = snapshot.get(Tables.CHANGES, Tables.changeKey(sequence));
    if (change.isEmpty()) {
      listener.problem(id + " has no change at " + sequence);
      return;
    }
    TupleReader value = new TupleReader(change.get());
    boolean same =
        value.nextString().equals(id)
            && new Revision(value.nextLong(), value.nextBytes()).equals(winner.revision())
            && value.nextBoolean() == winner.deleted();
    expect(same, "the change at " + sequence + " does not name the winner of " + id);
  }

  private void changes() {
    long[] rows = {0};
    Versionstamp[] highest = {Versionstamp.ZERO};
    each(
        Tables.CHANGES,
        row -> {
          rows[0]++;
          highest[0] = new TupleReader(row.key()).nextVersionstamp();
        });
    expect(rows[0] == documents, rows[0] + " changes for " + documents + " documents");
    guarded(
        () -> "last_change",
        () -> {
          Versionstamp last = Stats.lastChange(snapshot);
          expect(highest[0].equals(last), "last_change is " + last + ", not " + highest[0]);
        });
  }

  private void counters() {
    long[] stored = Stats.all(snapshot);
    expect(
        Arrays.equals(stored, counts),
        "the counters say " + Arrays.toString(stored) + ", not " + Arrays.toString(counts));
  }

  private void each(Table table, Consumer<KeyValue> action) {
    Optional<Range> rest = Optional.of(Range.all(table));
    while (rest.isPresent()) {
      Page page = snapshot.scan(rest.get());
      for (KeyValue row : page.rows()) {
        guarded(
            () -> "The row " + TupleText.print(row.key()) + " of " + table.name(),
            () -> action.accept(row));
      }
      walked += page.rows().size();
      listener.walked(walked);
      rest = page.rest();
    }
  }

  /** Whatever reading damaged bytes ends in is a problem; what storage fails with ends the walk. */
  private void guarded(Supplier<String> what, Runnable step) {
    try {
      step.run();
    } catch (StorageException e) {
      throw e;
    } catch (RuntimeException e) {
      listener.problem(what.get() + " cannot be read: " + e.getMessage());
    }
  }

  private void expect(boolean holds, String problem) {
    if (!holds) {
      listener.problem(problem);
    }
  }
}

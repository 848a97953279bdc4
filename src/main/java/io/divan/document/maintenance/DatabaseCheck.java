package io.divan.document.maintenance;

import io.divan.document.Database;
import io.divan.document.DocumentIds;
import io.divan.document.revision.Leaf;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.LeafRow;
import io.divan.document.rows.LocalDocuments;
import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import io.divan.storage.BatchScan;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.tuple.TupleReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Reads a whole database and reports violations of these invariants:
 *
 * <ol>
 *   <li>{@code last_change} is the highest change or the latest purge.
 *   <li>Each document has one change, at its sequence, which names its winner.
 *   <li>The last leaf row of each document, and no other, is the winner's, and holds the number of
 *       leaves.
 *   <li>Each leaf has a body of the length and deletion that its row states.
 *   <li>Each reference of a body to a content has its row and its content, and each of these rows
 *       its body; each content has all its bytes, and each blob a content or a deadline.
 *   <li>{@code all_docs} lists exactly the winners that are not deleted.
 *   <li>The counters equal a recount, except those not known to be right.
 * </ol>
 *
 * <p>A row that cannot be decoded is a problem, too; the check continues after it. The check reads
 * one bounded snapshot after another, while other transactions write. Everything except the
 * counters is compared within one snapshot. A recount is valid if nothing was written from its
 * beginning to its end; otherwise it is repeated, a few times.
 */
public final class DatabaseCheck {
  private static final int DOCUMENT_ROWS = 500;
  private static final int ROWS = 1_000;
  private static final int RECOUNTS_MAX = 5;

  /** The indexes of two counters in {@link Stats#COUNTERS}. */
  private static final int OLD = 6;

  private static final int PURGES = 7;

  private final Store store;
  private final CheckListener listener;
  private final boolean digests;
  private Optional<String> unfinished = Optional.empty();
  private long walked;
  private boolean recounting;

  private DatabaseCheck(Store store, CheckListener listener, boolean digests) {
    this.store = store;
    this.listener = listener;
    this.digests = digests;
  }

  /** Checks the whole database and reports to a listener. */
  public static void run(Database database, CheckListener listener) {
    run(database, listener, false);
  }

  /**
   * Checks the whole database and reports to a listener.
   *
   * @param digests whether to compute the digests of all attachments, too
   */
  public static void run(Database database, CheckListener listener, boolean digests) {
    new DatabaseCheck(database.store(), listener, digests).walk();
  }

  /** Checks the whole database and returns all problems, a sentence each. */
  public static List<String> problems(Database database) {
    return problems(database, false);
  }

  /**
   * Checks the whole database and returns all problems, a sentence each.
   *
   * @param digests whether to compute the digests of all attachments, too
   */
  public static List<String> problems(Database database, boolean digests) {
    List<String> problems = new ArrayList<>();
    run(
        database,
        new CheckListener() {
          @Override
          public void problem(String problem) {
            problems.add(problem);
          }

          @Override
          public void uncertain(String what) {}

          @Override
          public void walked(long rows) {}
        },
        digests);
    return problems;
  }

  private void walk() {
    Stored before = stored();
    Recount recount = new Recount();
    each(
        Tables.DOCS,
        DOCUMENT_ROWS,
        (snapshot, rows) -> BatchCheck.documents(snapshot, rows, unfinished),
        result -> {
          unfinished = result.unfinished();
          result.rows().forEach(recount::leaf);
        });
    each(Tables.CHANGES, ROWS, BatchCheck::changes, result -> {});
    lastChange();
    each(Tables.ALL_DOCS, ROWS, BatchCheck::listed, result -> {});
    each(
        Tables.LOCAL_DOCS,
        ROWS,
        BatchCheck::locals,
        result -> result.rows().forEach(recount::local));
    each(Tables.REV_DATA, DOCUMENT_ROWS, BatchCheck::bodies, recount::old);
    new ContentCheck(store, listener, this::walked, digests, ContentCheck.BLOBS_A_WALK).run();
    each(Tables.PURGES, ROWS, BatchCheck::purges, recount::purges);
    reportFailure(() -> "The counters", () -> compare(before, recount.counters()));
  }

  private void each(
      Table table,
      int batchRows,
      BatchScan.Reader<BatchCheck.Result> reader,
      Consumer<BatchCheck.Result> then) {
    BatchScan<BatchCheck.Result> scan = store.scan(Range.all(table), batchRows, reader);
    while (scan.hasMore()) {
      for (BatchCheck.Result result : scan.next()) {
        result.problems().forEach(listener::problem);
        then.accept(result);
        walked(recounting ? 0 : result.rows().size());
      }
    }
  }

  private void walked(long rows) {
    walked += rows;
    listener.walked(walked);
  }

  private void lastChange() {
    reportFailure(
        () -> "last_change",
        () -> {
          List<Versionstamp> pair = store.read(DatabaseCheck::lastChange);
          if (!pair.getFirst().equals(pair.getLast())) {
            listener.problem("last_change is " + pair.getFirst() + ", not " + pair.getLast());
          }
        });
  }

  /** Reads the last change from the table stats, and from the changes themselves. */
  private static List<Versionstamp> lastChange(ReadTransaction snapshot) {
    Versionstamp change =
        snapshot.scan(Range.all(Tables.CHANGES).reversed().limit(1)).rows().stream()
            .map(row -> new TupleReader(row.key()).nextVersionstamp())
            .findFirst()
            .orElse(Versionstamp.ZERO);
    Versionstamp purge = Stats.stamp(snapshot.get(Tables.STATS, Tables.LAST_PURGE));
    return List.of(
        Stats.lastChange(snapshot), change.compareTo(purge) < 0 ? purge : change);
  }

  private void reportFailure(Supplier<String> what, Runnable step) {
    List<String> problems = new ArrayList<>();
    BatchCheck.guarded(what, problems, step);
    problems.forEach(listener::problem);
  }

  private void compare(Stored first, long[] counted) {
    Stored before = first;
    long[] recounted = counted;
    Optional<String> said = Optional.empty();
    for (int recounts = 1; true; recounts++) {
      Stored after = stored();
      String difference = difference(after, recounted);
      if (difference.isEmpty()) {
        return;
      }
      boolean quiet = before.equals(after);
      // The same difference twice: writes of local documents leave no trace in the last change.
      if (quiet && said.filter(difference::equals).isPresent()) {
        listener.problem(difference);
        return;
      }
      said = quiet ? Optional.of(difference) : Optional.empty();
      if (recounts == RECOUNTS_MAX) {
        listener.uncertain("the counters changed during each of " + recounts + " recounts");
        return;
      }
      before = stored();
      recounted = recount();
    }
  }

  private static String difference(Stored after, long[] counted) {
    long[] stored = after.counters();
    StringJoiner says = new StringJoiner(" ");
    StringJoiner is = new StringJoiner(" ");
    for (int i = 0; i < stored.length; i++) {
      if (stored[i] != counted[i] && (i != OLD || after.oldBytesKnown())) {
        String name = new TupleReader(Stats.COUNTERS.get(i)).nextString();
        says.add(name + "=" + stored[i]);
        is.add(name + "=" + counted[i]);
      }
    }
    return says.length() == 0 ? "" : "the counters say " + says + ", a recount says " + is;
  }

  private long[] recount() {
    recounting = true;
    Recount recount = new Recount();
    each(
        Tables.DOCS,
        Range.NO_LIMIT,
        BatchCheck::unchecked,
        result -> result.rows().forEach(recount::leaf));
    each(
        Tables.LOCAL_DOCS,
        Range.NO_LIMIT,
        BatchCheck::unchecked,
        result -> result.rows().forEach(recount::local));
    each(Tables.REV_DATA, DOCUMENT_ROWS, BatchCheck::nonLeafBodies, recount::old);
    each(Tables.PURGES, Range.NO_LIMIT, BatchCheck::unchecked, recount::purges);
    return recount.counters();
  }

  private Stored stored() {
    List<byte[]> keys = new ArrayList<>(Stats.COUNTERS);
    keys.add(Tables.LAST_CHANGE);
    return store.read(
        transaction -> new Stored(
            transaction.getAll(Tables.STATS, keys),
            transaction.get(Tables.METADATA, Tables.OLD_BYTES_KNOWN).isPresent()));
  }

  /** The stored counters and the last change. */
  private record Stored(List<Optional<byte[]>> values, boolean oldBytesKnown) {
    long[] counters() {
      return values.subList(0, Stats.COUNTERS.size()).stream()
          .mapToLong(Stats::counter)
          .toArray();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Stored stored && text().equals(stored.text());
    }

    @Override
    public int hashCode() {
      return text().hashCode();
    }

    private String text() {
      return values.stream()
          .map(value -> value.map(Arrays::toString).orElse("-"))
          .toList()
          .toString();
    }
  }

  /** Counts rows in the order of their keys. */
  private static final class Recount {
    private final long[] counts = new long[Stats.COUNTERS.size()];
    private String id = "";
    private Optional<Leaf> last = Optional.empty();

    /** Counts a leaf. Skips one that cannot be decoded, which the document's check reports. */
    void leaf(KeyValue row) {
      BatchCheck.guarded(
          () -> "", new ArrayList<>(), () -> leaf(new TupleReader(row.key()).nextString(), row));
    }

    private void leaf(String of, KeyValue row) {
      Leaf leaf = LeafRow.decode(row).leaf();
      if (!of.equals(id)) {
        document();
        id = of;
      }
      last = Optional.of(leaf);
      counts[4] += Bodies.storedBytes(leaf);
      counts[5] += leaf.bodyBytes() + leaf.attachments().contentBytes();
    }

    /** Counts a document, after its last leaf. */
    private void document() {
      if (last.isPresent()) {
        boolean deleted = last.get().deleted();
        counts[deleted ? 1 : 0]++;
        counts[2] += !deleted && DocumentIds.isDesign(id) ? 1 : 0;
      }
      last = Optional.empty();
    }

    void local(KeyValue row) {
      BatchCheck.guarded(
          () -> "",
          new ArrayList<>(),
          () -> counts[3] += LocalDocuments.isFirst(row) ? 1 : 0);
    }

    void old(BatchCheck.Result result) {
      result.rows().forEach(row -> counts[OLD] += Bodies.storedBytes(row));
    }

    void purges(BatchCheck.Result result) {
      counts[PURGES] += result.rows().size();
    }

    long[] counters() {
      document();
      return counts;
    }
  }
}

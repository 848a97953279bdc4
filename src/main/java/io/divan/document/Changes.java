package io.divan.document;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.TupleReader;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The changes of a database in the order of their commits: each document once, where it changed
 * last. Read in batches, each from one snapshot; where a batch reaches the end it can leave a watch
 * armed against that very snapshot, so that no change is missed and nobody polls. For one thread.
 */
public final class Changes {

  /** How many changes {@link #pending} counts exactly. */
  public static final int PENDING_COUNTED_MAX = 10_000;

  private static final int ROWS_MAX = 2_000;
  private static final int ROWS_WITH_DOCS = 500;
  private static final Range LAST_CHANGE =
      Range.prefix(Tables.STATS, Tables.LAST_CHANGE).limit(1);

  /**
   * How to answer changes.
   *
   * @param descending from the latest change back
   * @param includeDocs whether to answer the documents too
   * @param conflicts whether those name their conflicts
   * @param allLeaves whether to name all leaves, not only the winner
   */
  public record Query(
      boolean descending, boolean includeDocs, boolean conflicts, boolean allLeaves) {}

  /**
   * One change.
   *
   * @param sequence its place
   * @param id the document
   * @param revisions the winner, or all leaves, the winner first
   * @param deleted whether the winner is a tombstone
   * @param json the document, where it was asked for
   */
  public record Change(
      Versionstamp sequence,
      String id,
      List<Revision> revisions,
      boolean deleted,
      Optional<byte[]> json) {}

  /**
   * Some changes.
   *
   * @param changes the next ones
   * @param atEnd whether there are no more in this snapshot
   * @param last the latest change of the database in this snapshot
   * @param watch fires when there may be more; only at the end and where asked for, else nothing
   */
  public record Batch(
      List<Change> changes, boolean atEnd, Versionstamp last, Optional<Watch> watch) {}

  private final Store store;
  private final Query query;

  Changes(Store store, Query query) {
    this.store = store;
    this.query = query;
  }

  /**
   * Reads the changes next to a place.
   *
   * @param since the place, itself left out; descending from the end where it is {@code ZERO}
   * @param limit the most to answer, at least 1
   * @param watch whether to leave a watch at the end; the caller closes it
   */
  public Batch read(Versionstamp since, long limit, boolean watch) {
    int most = query.includeDocs() ? ROWS_WITH_DOCS : ROWS_MAX;
    Range range = range(since).limit((int) Math.min(limit, most));
    return store.read(transaction -> batch(transaction, range, watch));
  }

  private Range range(Versionstamp since) {
    if (!query.descending()) {
      return Range.from(Tables.CHANGES, Tables.changeKey(since)).after(Tables.changeKey(since));
    }
    return since.equals(Versionstamp.ZERO)
        ? Range.all(Tables.CHANGES).reversed()
        : Range.of(Tables.CHANGES, new byte[0], Tables.changeKey(since)).reversed();
  }

  private Batch batch(ReadTransaction transaction, Range range, boolean watch) {
    // Together, so that a cluster is asked once; the small one first, so that it is answered.
    List<Page> pages = transaction.scanAll(List.of(LAST_CHANGE, range));
    Versionstamp last =
        Stats.lastChange(
            pages.getFirst().rows().stream().findFirst().map(row -> row.value()));
    Page page = pages.getLast();
    List<Change> changes = new ArrayList<>(page.rows().size());
    page.rows().forEach(row -> changes.add(decode(row)));
    List<Change> answered = changes.isEmpty() ? changes : complete(transaction, changes);
    boolean atEnd = page.stop() == Page.Stop.END && answered.size() == changes.size();
    Optional<Watch> armed =
        atEnd && watch
            ? Optional.of(transaction.watch(Tables.STATS, Tables.LAST_CHANGE))
            : Optional.empty();
    return new Batch(answered, atEnd, last, armed);
  }

  private static Change decode(KeyValue row) {
    TupleReader value = new TupleReader(row.value());
    String id = value.nextString();
    Revision winner = new Revision(value.nextLong(), value.nextBytes());
    return new Change(
        new TupleReader(row.key()).nextVersionstamp(),
        id,
        List.of(winner),
        value.nextBoolean(),
        Optional.empty());
  }

  /** The first changes with all that the query asks for. */
  private List<Change> complete(ReadTransaction transaction, List<Change> changes) {
    if (!query.includeDocs() && !query.allLeaves()) {
      return changes;
    }
    List<Optional<Bodies.Body>> bodies = List.of();
    List<Change> some = changes;
    if (query.includeDocs()) {
      List<Range> ranges =
          changes.stream()
              .map(change -> Tables.body(change.id(), change.revisions().getFirst()))
              .toList();
      bodies = Bodies.readFirst(transaction, ranges);
      some = changes.subList(0, bodies.size());
    }
    boolean needsTrees = query.allLeaves() || query.conflicts();
    List<RevisionTree> trees =
        needsTrees
            ? DocumentReader.trees(transaction, some.stream().map(Change::id).toList())
            : List.of();
    List<Change> complete = new ArrayList<>(some.size());
    for (int i = 0; i < some.size(); i++) {
      Change change = some.get(i);
      Optional<RevisionTree> tree =
          needsTrees ? Optional.of(trees.get(i)) : Optional.empty();
      Optional<byte[]> json =
          query.includeDocs()
              ? Optional.of(document(transaction, change, bodies.get(i), tree))
              : Optional.empty();
      List<Revision> revisions =
          query.allLeaves()
              ? tree.orElseThrow().leavesWinnerFirst().stream().map(Leaf::revision).toList()
              : change.revisions();
      complete.add(
          new Change(change.sequence(), change.id(), revisions, change.deleted(), json));
    }
    return complete;
  }

  private byte[] document(
      ReadTransaction transaction,
      Change change,
      Optional<Bodies.Body> body,
      Optional<RevisionTree> tree) {
    Revision winner = change.revisions().getFirst();
    byte[] json =
        body.orElseThrow(() -> DocumentReader.bodyMissing(change.id(), winner)).json();
    JsonBuffer out = new JsonBuffer();
    DocumentJson.open(out, change.id(), winner.toString(), change.deleted(), json);
    if (query.conflicts()) {
      DocumentJson.meta(
          out,
          transaction,
          change.id(),
          tree.orElseThrow(),
          Optional.empty(),
          ReadOptions.conflicts(true));
    }
    return out.raw('}').toBytes();
  }

  /**
   * How many changes follow a place, in the direction of the query.
   *
   * @param after the place
   * @param answered how many changes a request that began at 0 has passed, or nothing when it began
   *     elsewhere
   * @return exact up to {@link #PENDING_COUNTED_MAX}, or when the request began at 0 and nothing
   *     changed meanwhile; else an estimate, at least 1
   */
  public long pending(Versionstamp after, Optional<Long> answered) {
    Range range = range(after);
    long counted =
        store.read(
            transaction -> {
              long rows = 0;
              Optional<Range> rest = Optional.of(range);
              while (rest.isPresent() && rows <= PENDING_COUNTED_MAX) {
                Page page =
                    transaction.scan(
                        rest.get().limit((int) (PENDING_COUNTED_MAX + 1 - rows)));
                rows += page.rows().size();
                rest = page.rest();
              }
              return rows;
            });
    if (counted <= PENDING_COUNTED_MAX) {
      return counted;
    }
    long documents =
        store.read(
            transaction -> {
              long[] counts =
                  Stats.counters(
                      transaction, List.of(Tables.DOC_COUNT, Tables.DOC_DEL_COUNT));
              return counts[0] + counts[1];
            });
    return Math.max(counted, documents - answered.orElse(0L));
  }
}

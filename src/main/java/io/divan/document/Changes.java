package io.divan.document;

import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionTree;
import io.divan.document.revision.Sequence;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.ChangeRow;
import io.divan.document.rows.LeafRow;
import io.divan.document.rows.LeafRows;
import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import io.divan.json.JsonBuffer;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.Watch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The changes of a database in commit order: each document once, at its last change. Reads in
 * batches, each from one snapshot. A batch that reaches the end can arm a watch for changes after
 * its snapshot, so that a feed misses no change and need not poll. For one thread.
 */
public final class Changes {

  /** The number of changes up to which {@link #pending} is exact. */
  public static final int PENDING_COUNTED_MAX = 10_000;

  private static final int ROWS_MAX = 2_000;
  private static final int ROWS_WITH_DOCS = 500;
  private static final long TEST_NANOS_MAX = 1_000_000_000;

  /** The most documents that are looked up by id instead of by scanning changes, as in CouchDB. */
  private static final int IDS_LOOKED_UP_MAX = 100;

  /**
   * The direction and form of changes.
   *
   * @param descending whether to begin with the latest change
   * @param includeDocs whether changes contain the documents
   * @param conflicts whether these contain {@code _conflicts}
   * @param allLeaves whether changes list all leaves, not only the winner
   * @param filter the changes to return
   * @param attachments how documents show their attachments
   */
  public record Query(
      boolean descending,
      boolean includeDocs,
      boolean conflicts,
      boolean allLeaves,
      ChangesFilter filter,
      AttachmentOptions attachments) {

    /** Creates a query for stubs of attachments. */
    Query(
        boolean descending,
        boolean includeDocs,
        boolean conflicts,
        boolean allLeaves,
        ChangesFilter filter) {
      this(descending, includeDocs, conflicts, allLeaves, filter, AttachmentOptions.STUBS);
    }

    /** Creates a query without a filter. */
    public Query(
        boolean descending, boolean includeDocs, boolean conflicts, boolean allLeaves) {
      this(descending, includeDocs, conflicts, allLeaves, ChangesFilter.NONE);
    }
  }

  /**
   * One change.
   *
   * @param sequence the sequence of the change
   * @param id the document
   * @param revisions the winner, or all leaves, the winner first; only those that pass the filter
   * @param deleted whether the winner is a tombstone
   * @param json the document, if documents are included and it is visible
   * @param attachments its attachments, if contents were asked for; the JSON has none then
   */
  public record Change(
      Sequence sequence,
      String id,
      List<Revision> revisions,
      boolean deleted,
      Optional<byte[]> json,
      List<ShownAttachment> attachments) {

    private Change(
        Sequence sequence, String id, List<Revision> revisions, boolean deleted) {
      this(sequence, id, revisions, deleted, Optional.empty(), List.of());
    }
  }

  /**
   * Consecutive changes of a feed.
   *
   * @param changes the next changes that pass the filter; can be empty before the end
   * @param atEnd whether the snapshot has no more changes
   * @param last the latest change of the database in this snapshot
   * @param position the last change examined, to continue from
   * @param looked the number of changes examined, empty if they were looked up by id
   * @param watch fires when there may be more changes; empty unless requested and at the end
   */
  public record Batch(
      List<Change> changes,
      boolean atEnd,
      Sequence last,
      Sequence position,
      Optional<Long> looked,
      Optional<Watch> watch) {}

  /**
   * The changes that one snapshot returns.
   *
   * @param rows all changes of this part of the feed
   * @param candidates the first changes that can pass the filter, with their documents
   * @param complete whether the rows have no other candidates
   */
  private record Part(
      List<Change> rows,
      List<Change> candidates,
      boolean complete,
      boolean atEnd,
      Sequence last,
      Optional<Watch> watch) {}

  private final Store store;
  private final VisibleBodies visible;
  private final AttachmentReader attachments;
  private final Query query;
  private final boolean needsDocs;
  private boolean caughtUp;

  Changes(
      Store store, VisibleBodies visible, AttachmentReader attachments, Query query) {
    this.store = store;
    this.visible = visible;
    this.attachments = attachments;
    this.query = query;
    this.needsDocs =
        query.includeDocs() || query.filter() instanceof ChangesFilter.Documents;
  }

  /**
   * Reads the next changes. With a filter it can return none before the end, so that each call is
   * short.
   *
   * @param since the sequence to continue after; descending from the end if it is {@code ZERO}
   * @param limit the most changes to return, at least 1
   * @param watch whether to arm a watch at the end, which the caller closes
   */
  public Batch read(Sequence since, long limit, boolean watch) {
    int most = needsDocs ? ROWS_WITH_DOCS : ROWS_MAX;
    int answers = (int) Math.min(limit, most);
    if (query.filter() instanceof ChangesFilter.Ids(Set<String> ids)
        && ids.size() <= IDS_LOOKED_UP_MAX
        && !caughtUp) {
      Part part = store.read(transaction -> lookUp(transaction, ids, since, answers, watch));
      return batch(part, since, Optional.empty());
    }
    boolean all = query.filter() instanceof ChangesFilter.Everything;
    Range range = range(since).limit(all ? answers : most);
    Part part = store.read(transaction -> part(transaction, range, answers, watch));
    return query.filter() instanceof ChangesFilter.Documents(ChangesFilter.DocumentTest test)
        ? tested(part, since, answers, test)
        : batch(part, since, Optional.of((long) part.rows().size()));
  }

  private Batch batch(Part part, Sequence since, Optional<Long> rows) {
    List<Change> answered = part.candidates();
    if (part.complete()) {
      caughtUp = part.atEnd();
      Sequence position =
          rows.isPresent() && !part.rows().isEmpty()
              ? part.rows().getLast().sequence()
              : answered.isEmpty() ? since : answered.getLast().sequence();
      return new Batch(answered, part.atEnd(), part.last(), position, rows, part.watch());
    }
    Sequence position = answered.getLast().sequence();
    Optional<Long> looked = rows.map(count -> looked(part.rows(), position));
    return new Batch(answered, false, part.last(), position, looked, Optional.empty());
  }

  /** Returns the number of rows up to and including a position. */
  private static long looked(List<Change> rows, Sequence position) {
    long count = 1;
    for (Change row : rows) {
      if (row.sequence().equals(position)) {
        return count;
      }
      count++;
    }
    throw new IllegalStateException("The position is not among the changes that were read");
  }

  /** Applies the test of documents, outside any transaction because it can take long. */
  private Batch tested(
      Part part, Sequence since, int limit, ChangesFilter.DocumentTest test) {
    List<Change> passed = new ArrayList<>();
    long start = System.nanoTime();
    int next = 0;
    try {
      while (next < part.candidates().size()
          && passed.size() < limit
          && (next == 0 || System.nanoTime() - start < TEST_NANOS_MAX)) {
        Change change = part.candidates().get(next++);
        List<Revision> revisions = passing(change, test);
        if (!revisions.isEmpty()) {
          passed.add(
              new Change(
                  change.sequence(),
                  change.id(),
                  revisions,
                  change.deleted(),
                  query.includeDocs() ? change.json() : Optional.empty(),
                  change.attachments()));
        }
      }
    } catch (RuntimeException | Error e) {
      part.watch().ifPresent(Watch::close);
      throw e;
    }
    Sequence position =
        next == 0 ? since : part.candidates().get(next - 1).sequence();
    boolean all = part.complete() && next == part.candidates().size();
    if (!all) {
      part.watch().ifPresent(Watch::close);
    }
    return new Batch(
        passed,
        all && part.atEnd(),
        part.last(),
        position,
        Optional.of((long) next),
        all ? part.watch() : Optional.empty());
  }

  /** The document as a filter sees it: with stubs. */
  private static byte[] withStubs(byte[] json, Change change) {
    if (change.attachments().isEmpty()) {
      return json;
    }
    JsonBuffer out = new JsonBuffer().raw(json, 0, json.length - 1);
    DocumentJson.stubs(
        out, change.attachments().stream().map(ShownAttachment::attachment).toList(), false);
    return out.raw('}').toBytes();
  }

  private List<Revision> passing(Change change, ChangesFilter.DocumentTest test) {
    List<Revision> passing = new ArrayList<>();
    if (change.json().map(json -> withStubs(json, change)).filter(test::passes).isPresent()) {
      passing.add(change.revisions().getFirst());
    }
    List<Revision> others = change.revisions().subList(1, change.revisions().size());
    int next = 0;
    while (next < others.size()) {
      List<Revision> some =
          others.subList(next, Math.min(others.size(), next + ROWS_WITH_DOCS));
      List<Range> ranges =
          some.stream().map(revision -> Tables.body(change.id(), revision)).toList();
      List<Optional<Bodies.Body>> bodies =
          store.read(transaction -> visible(transaction, change.id(), ranges));
      for (int i = 0; i < bodies.size(); i++) {
        Revision revision = some.get(i);
        boolean passes =
            bodies
                .get(i) // missing: the document has changed again
                .map(
                    body -> DocumentJson.of(
                        change.id(), revision.toString(), body.deleted(), body.json()))
                .filter(test::passes)
                .isPresent();
        if (passes) {
          passing.add(revision);
        }
      }
      next += bodies.size();
    }
    return passing;
  }

  /** Reads the first of these revisions, without those that the principal does not see. */
  private List<Optional<Bodies.Body>> visible(
      ReadTransaction transaction, String id, List<Range> ranges) {
    return Bodies.readFirst(transaction, ranges).stream()
        .map(
            read -> read.flatMap(
                body -> visible
                    .ifVisible(transaction, id, body.json())
                    .map(json -> new Bodies.Body(body.deleted(), json))))
        .toList();
  }

  private Range range(Sequence since) {
    byte[] key = Tables.changeKey(since.stamp());
    if (!query.descending()) {
      return Range.from(Tables.CHANGES, key).after(key);
    }
    return since.isZero()
        ? Range.all(Tables.CHANGES).reversed()
        : Range.of(Tables.CHANGES, new byte[0], key).reversed();
  }

  private Part part(ReadTransaction transaction, Range range, int limit, boolean watch) {
    // One call, hence one round trip to a cluster. The small range comes first, so it always fits.
    List<Page> pages = transaction.scanAll(List.of(Stats.LAST_SEQUENCE, range));
    Sequence last = Stats.lastSequence(transaction, pages.getFirst().rows());
    Page page = pages.getLast();
    List<Change> rows = new ArrayList<>(page.rows().size());
    page.rows().forEach(row -> rows.add(decode(row)));
    List<Change> wanted =
        switch (query.filter()) {
          case ChangesFilter.Everything all -> rows;
          case ChangesFilter.Documents documents -> rows;
          case ChangesFilter.DesignDocuments designs ->
              rows.stream().filter(row -> DocumentIds.isDesign(row.id())).toList();
          case ChangesFilter.Ids(Set<String> ids) ->
              rows.stream().filter(row -> ids.contains(row.id())).toList();
        };
    boolean tests = query.filter() instanceof ChangesFilter.Documents;
    List<Change> first =
        tests || wanted.size() <= limit ? wanted : wanted.subList(0, limit);
    List<Change> answered = first.isEmpty() ? first : complete(transaction, first);
    boolean complete = answered.size() == wanted.size();
    boolean atEnd = page.stop() == Page.Stop.END && complete;
    return new Part(
        rows, answered, complete, atEnd, last, armed(transaction, atEnd && watch));
  }

  private static Optional<Watch> armed(ReadTransaction transaction, boolean watch) {
    return watch
        ? Optional.of(transaction.watch(Tables.STATS, Tables.LAST_CHANGE))
        : Optional.empty();
  }

  /** Looks up the changes of a few documents by their winners. */
  private Part lookUp(
      ReadTransaction transaction,
      Set<String> ids,
      Sequence since,
      int limit,
      boolean watch) {
    Sequence last = Stats.lastSequence(transaction);
    boolean whole = query.descending() && since.isZero();
    List<Change> changes = new ArrayList<>();
    for (Change change : winners(transaction, List.copyOf(ids))) {
      boolean follows =
          query.descending()
              ? since.isAfter(change.sequence())
              : change.sequence().isAfter(since);
      if (whole || follows) {
        changes.add(change);
      }
    }
    Comparator<Change> order = Comparator.comparing(change -> change.sequence().stamp());
    changes.sort(query.descending() ? order.reversed() : order);
    List<Change> first =
        numbered(transaction, changes.subList(0, Math.min(limit, changes.size())));
    List<Change> answered = first.isEmpty() ? first : complete(transaction, first);
    boolean atEnd = answered.size() == changes.size();
    return new Part(
        changes, answered, atEnd, atEnd, last, armed(transaction, atEnd && watch));
  }

  /** Adds the numbers of updates, which only the rows of changes hold. */
  private static List<Change> numbered(ReadTransaction transaction, List<Change> changes) {
    List<Sequence> sequences =
        ChangeRow.sequences(
            transaction, changes.stream().map(change -> change.sequence().stamp()).toList());
    List<Change> numbered = new ArrayList<>(changes.size());
    for (int i = 0; i < changes.size(); i++) {
      Change change = changes.get(i);
      numbered.add(
          new Change(
              sequences.get(i), change.id(), change.revisions(), change.deleted()));
    }
    return numbered;
  }

  private static List<Change> winners(ReadTransaction transaction, List<String> ids) {
    List<Range> ranges =
        ids.stream().map(id -> Tables.leaves(id).reversed().limit(1)).toList();
    List<Change> winners = new ArrayList<>();
    int next = 0;
    while (next < ranges.size()) {
      for (Page page : transaction.scanAll(ranges.subList(next, ranges.size()))) {
        if (page.rows().isEmpty() && page.stop() == Page.Stop.BYTES) {
          break;
        }
        String id = ids.get(next++);
        page.rows().stream()
            .map(LeafRow::decode)
            .map(
                row -> new Change(
                    Sequence.unnumbered(row.sequence().orElseThrow()),
                    id,
                    List.of(row.leaf().revision()),
                    row.leaf().deleted()))
            .forEach(winners::add);
      }
    }
    return winners;
  }

  private static Change decode(KeyValue row) {
    ChangeRow change = ChangeRow.decode(row);
    return new Change(
        change.sequence(), change.id(), List.of(change.winner()), change.deleted());
  }

  /** Adds leaves and documents to the first changes, as the query requires. */
  private List<Change> complete(ReadTransaction transaction, List<Change> changes) {
    if (!needsDocs && !query.allLeaves()) {
      return changes;
    }
    List<Optional<Bodies.Body>> bodies = List.of();
    List<Change> some = changes;
    if (needsDocs) {
      List<Range> ranges =
          changes.stream()
              .map(change -> Tables.body(change.id(), change.revisions().getFirst()))
              .toList();
      bodies = Bodies.readFirst(transaction, ranges);
      bodies = bodies.subList(0, AttachmentReader.batch(bodies, query.attachments()));
      some = changes.subList(0, bodies.size());
    }
    boolean needsTrees = query.allLeaves() || needsDocs && query.conflicts();
    List<RevisionTree> trees =
        needsTrees
            ? LeafRows.trees(transaction, some.stream().map(Change::id).toList())
            : List.of();
    AttachmentReader.Found contents =
        attachments.find(transaction, bodies, query.attachments());
    List<Change> complete = new ArrayList<>(some.size());
    for (int i = 0; i < some.size(); i++) {
      Change change = some.get(i);
      Optional<RevisionTree> tree =
          needsTrees ? Optional.of(trees.get(i)) : Optional.empty();
      List<Revision> revisions =
          query.allLeaves()
              ? tree.orElseThrow().leavesWinnerFirst().stream().map(Leaf::revision).toList()
              : change.revisions();
      complete.add(
          needsDocs
              ? withDocument(
                  transaction, change, revisions, bodies.get(i), contents, tree)
              : new Change(change.sequence(), change.id(), revisions, change.deleted()));
    }
    return complete;
  }

  private Change withDocument(
      ReadTransaction transaction,
      Change change,
      List<Revision> revisions,
      Optional<Bodies.Body> body,
      AttachmentReader.Found contents,
      Optional<RevisionTree> tree) {
    Revision winner = change.revisions().getFirst();
    Bodies.Body read =
        body.orElseThrow(() -> DocumentReader.bodyMissing(change.id(), winner));
    Optional<byte[]> shown = visible.ifVisible(transaction, change.id(), read.json());
    if (shown.isEmpty()) {
      return new Change(change.sequence(), change.id(), revisions, change.deleted());
    }
    JsonBuffer out = new JsonBuffer();
    DocumentJson.open(out, change.id(), winner.toString(), change.deleted(), shown.get());
    if (query.conflicts()) {
      DocumentJson.meta(
          out,
          transaction,
          change.id(),
          tree.orElseThrow(),
          tree.orElseThrow().winner().orElseThrow(),
          Optional.empty(),
          ReadOptions.conflicts(true));
    }
    List<ShownAttachment> found =
        AttachmentReader.show(
            contents,
            out,
            AttachmentReader.visible(read, shown.get()),
            query.attachments());
    return new Change(
        change.sequence(),
        change.id(),
        revisions,
        change.deleted(),
        Optional.of(out.raw('}').toBytes()),
        found);
  }

  /**
   * Returns how many changes follow a sequence, in the direction of the query. The number is exact
   * in two cases: if it is at most {@link #PENDING_COUNTED_MAX}, or if the request began at 0 and
   * nothing has changed since. Otherwise it is an estimate above that limit.
   *
   * @param after the sequence
   * @param looked the number of changes that a request from 0 has examined; empty if it began
   *     elsewhere
   */
  public long pending(Sequence after, Optional<Long> looked) {
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
    return Math.max(counted, documents - looked.orElse(0L));
  }
}

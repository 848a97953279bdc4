package io.divan.document;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.TupleReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The documents of a database that are not deleted, in byte order of their ids. Read in batches:
 * each is one snapshot, and so is the first batch together with the totals. For one thread.
 */
public final class AllDocs {

  /** The greatest offset that is counted. */
  public static final int OFFSET_MAX = 10_000;

  private static final int ROWS_WITH_DOCS = 500;

  /**
   * What to list.
   *
   * @param startKey the first id; nothing for the first there is
   * @param endKey the last id; nothing for the last there is
   * @param inclusiveEnd whether {@code endKey} itself is listed
   * @param descending from the greatest id down
   * @param skip how many rows to leave out at the beginning
   * @param limit how many rows to answer at the most
   * @param includeDocs whether to answer the documents too
   * @param conflicts whether those name their conflicts
   */
  public record Query(
      Optional<String> startKey,
      Optional<String> endKey,
      boolean inclusiveEnd,
      boolean descending,
      long skip,
      long limit,
      boolean includeDocs,
      boolean conflicts) {}

  /**
   * One row.
   *
   * @param id the document
   * @param revision its winner
   * @param json the document, where it was asked for
   */
  public record Row(String id, Revision revision, Optional<byte[]> json) {}

  /**
   * What goes before the rows.
   *
   * @param totalRows documents in the database that are not deleted
   * @param offset how many rows stand before the first one, or nothing beyond {@link #OFFSET_MAX}
   * @param sequence the latest change of the same snapshot
   */
  public record Header(long totalRows, Optional<Long> offset, String sequence) {}

  private record Batch(List<Row> rows, Optional<Range> rest) {}

  private record First(Header header, Batch batch) {}

  private final Store store;
  private final Query query;
  private final Range whole;
  private Optional<Range> rest;
  private long rowsLeft;
  private List<Row> first = List.of();

  AllDocs(Store store, Query query) {
    this.store = store;
    this.query = query;
    this.whole = range(query);
    this.rest = Optional.of(whole);
    this.rowsLeft = query.limit();
  }

  private static Range range(Query query) {
    Optional<byte[]> start = query.startKey().map(Tables::key);
    Optional<byte[]> end = query.endKey().map(Tables::key);
    if (query.descending()) {
      byte[] begin =
          end.map(key -> query.inclusiveEnd() ? key : successor(key)).orElse(new byte[0]);
      return new Range(
          Tables.ALL_DOCS, begin, start.map(AllDocs::successor), true, Range.NO_LIMIT);
    }
    Optional<byte[]> after = end.map(key -> query.inclusiveEnd() ? successor(key) : key);
    return new Range(
        Tables.ALL_DOCS, start.orElse(new byte[0]), after, false, Range.NO_LIMIT);
  }

  private static byte[] successor(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  /** Reads the totals and the first rows; to be called first, once. */
  public Header begin() {
    long skip = query.skip();
    boolean counted = skip <= OFFSET_MAX;
    while (!counted && skip > 0 && rest.isPresent()) {
      skip -= skipSome((int) Math.min(skip, OFFSET_MAX));
    }
    int skipLeft = (int) skip;
    Optional<Range> from = rest;
    First read = store.read(transaction -> first(transaction, from, skipLeft, counted));
    first = read.batch().rows();
    rest = read.batch().rest();
    rowsLeft -= first.size();
    return read.header();
  }

  private int skipSome(int rows) {
    Range range = rest.orElseThrow().limit(rows);
    Page page = store.read(transaction -> transaction.scan(range));
    rest = page.rest();
    return page.rows().size();
  }

  private First first(
      ReadTransaction transaction, Optional<Range> from, int skip, boolean counted) {
    long total = Stats.counters(transaction, List.of(Tables.DOC_COUNT))[0];
    String sequence = Stats.lastChange(transaction).toString();
    Optional<Range> range = from;
    int skipped = 0;
    while (skipped < skip && range.isPresent()) {
      Page page = transaction.scan(range.get().limit(skip - skipped));
      skipped += page.rows().size();
      range = page.rest();
    }
    long before = skipped;
    Optional<Long> offset =
        counted
            ? rowsBefore(transaction).map(rows -> rows + before).filter(o -> o <= OFFSET_MAX)
            : Optional.empty();
    Batch batch =
        range.isEmpty() || rowsLeft == 0
            ? new Batch(List.of(), Optional.empty())
            : batch(transaction, range.get());
    return new First(new Header(total, offset, sequence), batch);
  }

  /** How many rows stand before the range, where they are few enough to count. */
  private Optional<Long> rowsBefore(ReadTransaction transaction) {
    boolean fromTheEdge =
        query.descending() ? whole.end().isEmpty() : whole.begin().length == 0;
    if (fromTheEdge) {
      return Optional.of(0L);
    }
    Optional<Range> range =
        Optional.of(
            query.descending()
                ? Range.from(Tables.ALL_DOCS, whole.end().orElseThrow())
                : Range.of(Tables.ALL_DOCS, new byte[0], whole.begin()));
    long rows = 0;
    while (range.isPresent() && rows <= OFFSET_MAX) {
      Page page = transaction.scan(range.get().limit((int) (OFFSET_MAX + 1 - rows)));
      rows += page.rows().size();
      range = page.rest();
    }
    return rows <= OFFSET_MAX ? Optional.of(rows) : Optional.empty();
  }

  /** Whether {@link #next()} may answer more. */
  public boolean hasNext() {
    return !first.isEmpty() || rest.isPresent() && rowsLeft > 0;
  }

  /** The next rows; possibly none while {@link #hasNext()}. */
  public List<Row> next() {
    if (!first.isEmpty()) {
      List<Row> rows = first;
      first = List.of();
      return rows;
    }
    Range range = rest.orElseThrow();
    Batch batch = store.read(transaction -> batch(transaction, range));
    rest = batch.rest();
    rowsLeft -= batch.rows().size();
    return batch.rows();
  }

  private Batch batch(ReadTransaction transaction, Range range) {
    int most = query.includeDocs() ? ROWS_WITH_DOCS : Range.NO_LIMIT;
    Page page = transaction.scan(range.limit((int) Math.min(rowsLeft, most)));
    List<Row> rows = new ArrayList<>(page.rows().size());
    for (KeyValue row : page.rows()) {
      TupleReader value = new TupleReader(row.value());
      rows.add(
          new Row(
              new TupleReader(row.key()).nextString(),
              new Revision(value.nextLong(), value.nextBytes()),
              Optional.empty()));
    }
    if (!query.includeDocs() || rows.isEmpty()) {
      return new Batch(rows, page.rest());
    }
    List<Row> withDocs = withDocs(transaction, rows);
    int taken = withDocs.size();
    return taken == rows.size()
        ? new Batch(withDocs, page.rest())
        : new Batch(withDocs, Optional.of(range.after(page.rows().get(taken - 1).key())));
  }

  /** The first rows with their documents, as many as one call's limit on bytes allows. */
  private List<Row> withDocs(ReadTransaction transaction, List<Row> rows) {
    List<Range> ranges =
        rows.stream().map(row -> Tables.body(row.id(), row.revision())).toList();
    List<Optional<Bodies.Body>> bodies = Bodies.readFirst(transaction, ranges);
    List<Row> taken = rows.subList(0, bodies.size());
    List<RevisionTree> trees =
        query.conflicts()
            ? DocumentReader.trees(transaction, taken.stream().map(Row::id).toList())
            : List.of();
    ReadOptions options = ReadOptions.conflicts(query.conflicts());
    List<Row> withDocs = new ArrayList<>(taken.size());
    for (int i = 0; i < taken.size(); i++) {
      Row row = taken.get(i);
      Bodies.Body body =
          bodies
              .get(i)
              .orElseThrow(() -> DocumentReader.bodyMissing(row.id(), row.revision()));
      JsonBuffer out = new JsonBuffer();
      DocumentJson.open(out, row.id(), row.revision().toString(), false, body.json());
      if (query.conflicts()) {
        DocumentJson.meta(out, transaction, row.id(), trees.get(i), Optional.empty(), options);
      }
      withDocs.add(
          new Row(row.id(), row.revision(), Optional.of(out.raw('}').toBytes())));
    }
    return withDocs;
  }
}

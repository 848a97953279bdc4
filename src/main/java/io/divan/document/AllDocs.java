package io.divan.document;

import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionTree;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.LeafRows;
import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import io.divan.json.JsonBuffer;
import io.divan.storage.BatchScan;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.tuple.TupleReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The live documents of a database, or its live design documents, in byte order of their ids. Reads
 * in batches, each from one snapshot; the first batch includes the totals. For one thread.
 */
final class AllDocs implements Listing {

  private static final int ROWS_WITH_DOCS = 500;

  /** The prefix of the keys of design documents. */
  private static final byte[] DESIGN_PREFIX = Tables.textPrefix(DocumentIds.DESIGN_PREFIX);

  /**
   * One row.
   *
   * @param id the document
   * @param revision its winner
   * @param json the document, if documents are included and it is visible
   * @param attachments its attachments, if contents were asked for; the JSON has none then
   */
  record Row(
      String id, Revision revision, Optional<byte[]> json, List<ShownAttachment> attachments)
      implements Listing.Row {
    @Override
    public String revisionText() {
      return revision.toString();
    }
  }

  private record First(Header header, List<Row> rows, Optional<Range> rest) {}

  private final Store store;
  private final VisibleBodies visible;
  private final AttachmentReader attachments;
  private final Query query;
  private final boolean design;
  private final Range whole;
  private Optional<Range> rest;
  private List<Row> first = List.of();
  private Optional<BatchScan<Row>> others = Optional.empty();

  AllDocs(
      Store store,
      VisibleBodies visible,
      AttachmentReader attachments,
      Query query,
      boolean design) {
    this.store = store;
    this.visible = visible;
    this.attachments = attachments;
    this.query = query;
    this.design = design;
    this.whole = design ? designOnly(range(query)) : range(query);
    this.rest = Optional.of(whole);
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

  private static Range designOnly(Range range) {
    Range design = Range.prefix(Tables.ALL_DOCS, DESIGN_PREFIX);
    byte[] least = design.begin();
    byte[] most = design.end().orElseThrow();
    byte[] begin =
        Arrays.compareUnsigned(range.begin(), least) < 0 ? least : range.begin();
    byte[] end = range.end().filter(e -> Arrays.compareUnsigned(e, most) < 0).orElse(most);
    return new Range(
        Tables.ALL_DOCS, begin, Optional.of(end), range.reverse(), range.limit());
  }

  private static byte[] successor(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  @Override
  public Header begin() {
    long skip = query.skip();
    boolean counted = skip <= OFFSET_MAX;
    while (!counted && skip > 0 && rest.isPresent()) {
      skip -= skipSome((int) Math.min(skip, OFFSET_MAX));
    }
    int skipLeft = (int) skip;
    Optional<Range> from = rest;
    First read = store.read(transaction -> first(transaction, from, skipLeft, counted));
    first = read.rows();
    long left = query.limit() - first.size();
    if (left > 0) {
      int limit = (int) Math.min(left, Range.NO_LIMIT);
      others =
          read.rest().map(range -> store.scan(range.limit(limit), batchRows(), this::batch));
    }
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
    byte[] counter = design ? Tables.DESIGN_COUNT : Tables.DOC_COUNT;
    List<Page> stats =
        transaction.scanAll(
            List.of(Range.prefix(Tables.STATS, counter).limit(1), Stats.LAST_SEQUENCE));
    long total = stats.getFirst().rows().stream().mapToLong(Stats::counter).sum();
    String sequence = Stats.lastSequence(transaction, stats.getLast().rows()).toString();
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
            ? Optional.of(Math.min(total, rowsBefore(transaction, total) + before))
                .filter(o -> o <= OFFSET_MAX)
            : Optional.empty();
    Header header = new Header(Optional.of(total), offset, Optional.of(sequence));
    if (range.isEmpty() || query.limit() == 0) {
      return new First(header, List.of(), Optional.empty());
    }
    Page page =
        transaction.scan(range.get().limit((int) Math.min(query.limit(), batchRows())));
    if (page.rows().isEmpty()) {
      return new First(header, List.of(), Optional.empty());
    }
    List<Row> rows = batch(transaction, page.rows()).items();
    return rows.size() == page.rows().size()
        ? new First(header, rows, page.rest())
        : new First(
            header,
            rows,
            Optional.of(range.get().after(page.rows().get(rows.size() - 1).key())));
  }

  /** Counts the rows before the range, up to the total or the greatest offset. */
  private long rowsBefore(ReadTransaction transaction, long total) {
    boolean fromTheEdge =
        query.descending() ? whole.end().isEmpty() : whole.begin().length == 0;
    if (fromTheEdge) {
      return 0;
    }
    Optional<Range> range =
        Optional.of(
            query.descending()
                ? Range.from(Tables.ALL_DOCS, whole.end().orElseThrow())
                : Range.of(Tables.ALL_DOCS, new byte[0], whole.begin()));
    long most = Math.min(total, OFFSET_MAX + 1);
    long rows = 0;
    while (range.isPresent() && rows < most) {
      Page page = transaction.scan(range.get().limit((int) (most - rows)));
      rows += page.rows().size();
      range = page.rest();
    }
    return rows;
  }

  @Override
  public boolean hasNext() {
    return !first.isEmpty() || others.map(BatchScan::hasMore).orElse(false);
  }

  @Override
  public List<Row> next() {
    if (!first.isEmpty()) {
      List<Row> rows = first;
      first = List.of();
      return rows;
    }
    return others.orElseThrow().next();
  }

  private int batchRows() {
    return query.includeDocs() ? ROWS_WITH_DOCS : Range.NO_LIMIT;
  }

  /** Decodes rows: all of them, or as many as can be returned with their documents. */
  private BatchScan.Batch<Row> batch(ReadTransaction transaction, List<KeyValue> stored) {
    List<Row> rows = new ArrayList<>(stored.size());
    for (KeyValue row : stored) {
      TupleReader value = new TupleReader(row.value());
      rows.add(
          new Row(
              new TupleReader(row.key()).nextString(),
              new Revision(value.nextLong(), value.nextBytes()),
              Optional.empty(),
              List.of()));
    }
    List<Row> read = query.includeDocs() ? withDocs(transaction, rows) : rows;
    return new BatchScan.Batch<>(read, read.size());
  }

  /** Adds documents to the first rows: as many as the limit on bytes of one call allows. */
  private List<Row> withDocs(ReadTransaction transaction, List<Row> rows) {
    List<Range> ranges =
        rows.stream().map(row -> Tables.body(row.id(), row.revision())).toList();
    List<Optional<Bodies.Body>> bodies = Bodies.readFirst(transaction, ranges);
    int most = AttachmentReader.batch(bodies, query.attachments());
    List<Row> taken = rows.subList(0, most);
    AttachmentReader.Found contents =
        attachments.find(transaction, bodies.subList(0, most), query.attachments());
    List<RevisionTree> trees =
        query.conflicts()
            ? LeafRows.trees(transaction, taken.stream().map(Row::id).toList())
            : List.of();
    ReadOptions options = ReadOptions.conflicts(query.conflicts());
    List<Row> withDocs = new ArrayList<>(taken.size());
    for (int i = 0; i < taken.size(); i++) {
      Row row = taken.get(i);
      Bodies.Body body =
          bodies
              .get(i)
              .orElseThrow(() -> DocumentReader.bodyMissing(row.id(), row.revision()));
      Optional<byte[]> shown = visible.ifVisible(transaction, row.id(), body.json());
      if (shown.isEmpty()) {
        withDocs.add(row);
        continue;
      }
      JsonBuffer out = new JsonBuffer();
      DocumentJson.open(out, row.id(), row.revision().toString(), false, shown.get());
      if (query.conflicts()) {
        RevisionTree tree = trees.get(i);
        Leaf winner = tree.winner().orElseThrow();
        DocumentJson.meta(out, transaction, row.id(), tree, winner, Optional.empty(), options);
      }
      List<ShownAttachment> found =
          AttachmentReader.show(
              contents,
              out,
              AttachmentReader.visible(body, shown.get()),
              query.attachments());
      withDocs.add(
          new Row(row.id(), row.revision(), Optional.of(out.raw('}').toBytes()), found));
    }
    return withDocs;
  }
}

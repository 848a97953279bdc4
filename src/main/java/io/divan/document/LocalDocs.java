package io.divan.document;

import io.divan.document.rows.Bodies;
import io.divan.document.rows.LocalDocuments;
import io.divan.document.rows.Tables;
import io.divan.storage.BatchScan;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.tuple.TupleReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The local documents of a database in byte order of their ids. As in CouchDB, the listing reports
 * neither a total nor an offset.
 */
final class LocalDocs implements Listing {

  /** The number of table rows in a batch; each row is a chunk of a document. */
  private static final int BATCH_ROWS = 500;

  /**
   * One row.
   *
   * @param id the document
   * @param revisionText its revision
   * @param json the document, if documents are included
   */
  record Row(String id, String revisionText, Optional<byte[]> json)
      implements Listing.Row {}

  private final BatchScan<Row> rows;
  private final boolean includeDocs;
  private long skip;
  private long limit;

  LocalDocs(Store store, Query query) {
    this.includeDocs = query.includeDocs();
    this.skip = query.skip();
    this.limit = query.limit();
    this.rows = store.scan(range(query), BATCH_ROWS, this::batch);
  }

  private static Range range(Query query) {
    boolean inclusive = query.inclusiveEnd();
    Optional<byte[]> start = query.startKey().map(Tables::key);
    Optional<byte[]> end = query.endKey().map(Tables::key);
    if (query.descending()) {
      byte[] begin = end.map(key -> inclusive ? key : afterChunks(key)).orElse(new byte[0]);
      return new Range(
          Tables.LOCAL_DOCS, begin, start.map(LocalDocs::afterChunks), true, Range.NO_LIMIT);
    }
    Optional<byte[]> after = end.map(key -> inclusive ? afterChunks(key) : key);
    return new Range(
        Tables.LOCAL_DOCS, start.orElse(new byte[0]), after, false, Range.NO_LIMIT);
  }

  /** Returns the first key after all chunks of a document. */
  private static byte[] afterChunks(byte[] key) {
    byte[] after = Arrays.copyOf(key, key.length + 1);
    after[key.length] = (byte) 0xFF;
    return after;
  }

  @Override
  public Header begin() {
    return new Header(Optional.empty(), Optional.empty(), Optional.empty());
  }

  @Override
  public boolean hasNext() {
    return limit > 0 && rows.hasMore();
  }

  @Override
  public List<Row> next() {
    if (!hasNext()) {
      return List.of();
    }
    List<Row> read = rows.next();
    int from = (int) Math.min(skip, read.size());
    int to = from + (int) Math.min(limit, read.size() - from);
    skip -= from;
    limit -= to - from;
    return read.subList(from, to);
  }

  /** Returns one item for each first chunk, in either direction. */
  private BatchScan.Batch<Row> batch(ReadTransaction transaction, List<KeyValue> stored) {
    List<Row> found = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < stored.size(); i++) {
      KeyValue row = stored.get(i);
      if (LocalDocuments.isFirst(row)) {
        String revision = "0-" + LocalDocuments.open(row.value()).nextVarlong();
        String id = new TupleReader(row.key()).nextString();
        found.add(new Row(id, revision, Optional.empty()));
        places.add(i);
      }
    }
    if (!includeDocs || found.isEmpty()) {
      return new BatchScan.Batch<>(found, stored.size());
    }
    List<Row> withDocs = withDocs(transaction, found);
    boolean all = withDocs.size() == found.size();
    return new BatchScan.Batch<>(withDocs, all ? stored.size() : places.get(withDocs.size()));
  }

  /** Adds documents to the first rows: as many as the limit on bytes of one call allows. */
  private static List<Row> withDocs(ReadTransaction transaction, List<Row> found) {
    List<Range> ranges = found.stream().map(row -> LocalDocuments.range(row.id())).toList();
    List<List<KeyValue>> chunks = Bodies.chunksOfFirst(transaction, ranges);
    List<Row> withDocs = new ArrayList<>(chunks.size());
    for (int i = 0; i < chunks.size(); i++) {
      String id = found.get(i).id();
      LocalDocuments.Local local = LocalDocuments.join(chunks.get(i)).orElseThrow();
      byte[] json = DocumentJson.of(id, local.revision(), false, local.json());
      withDocs.add(new Row(id, local.revision(), Optional.of(json)));
    }
    return withDocs;
  }
}

package io.divan.query.find;

import io.divan.document.Database;
import io.divan.document.WinnerReader;
import io.divan.document.WinnerReader.Winner;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.query.index.DatabaseIndexes;
import io.divan.query.index.IndexReader;
import io.divan.query.index.IndexRow;
import io.divan.query.plan.FindRequest;
import io.divan.query.plan.IndexDefinition;
import io.divan.query.plan.KeyRange;
import io.divan.query.plan.Plan;
import io.divan.query.plan.QueryException;
import io.divan.query.selector.Projection;
import io.divan.record.index.IndexScan;
import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rows of an index with their documents, or without them where the index covers the query. Rows
 * whose columns were cut are brought into the order of their values by {@link CutRows}.
 */
final class IndexRows implements RowSource {
  private final Database database;
  private final WinnerReader winners;
  private final IndexDefinition index;
  private final boolean covering;
  private final boolean descending;
  private final boolean conflicts;
  private final List<KeyRange> ranges;
  private final CutRows cutRows;
  private IndexScan.Position from = IndexScan.Position.START;
  private boolean ended;

  /**
   * A row with its document, if that was read.
   *
   * @param winner empty if the index covers the query
   */
  record Found(IndexRow row, Optional<Winner> winner) {
    Bookmark position() {
      return new Bookmark(row.id(), row.columns(), 0);
    }
  }

  private record Batch(List<Found> found, IndexScan.Position from, boolean end) {}

  /** Begins a scan after a bookmark, if there is one. */
  IndexRows(Database database, Plan plan, Optional<Bookmark> after) {
    FindRequest request = plan.request();
    this.database = database;
    this.winners = database.winners();
    this.index = plan.index().orElseThrow();
    this.covering = plan.covering() && !winners.hidesSome();
    this.descending = request.descending();
    this.conflicts = request.conflicts() && request.readQuorum() == 1;
    this.ranges = RangesLeft.after(plan.keyRanges(), after, descending);
    this.cutRows = new CutRows(index.columns(), descending, after);
    this.ended = ranges.isEmpty();
  }

  @Override
  public boolean hasNext() {
    return !ended;
  }

  @Override
  public List<Row> next(int wanted) {
    Batch batch = database.read(transaction -> read(transaction, wanted));
    from = batch.from();
    ended = batch.end();
    List<Row> rows = new ArrayList<>();
    for (Found found : batch.found()) {
      if (!cutRows.continuesWith(found)) {
        rows.addAll(cutRows.end());
      }
      if (found.row().cut()) {
        rows.addAll(cutRows.add(found));
      } else {
        rows.add(row(found, index.columns(), found.position()));
      }
    }
    if (ended) {
      rows.addAll(cutRows.end());
    }
    return rows;
  }

  private Batch read(ReadTransaction transaction, int wanted) {
    IndexReader reader =
        database
            .settings()
            .derived(transaction, DatabaseIndexes.VALUE)
            .reader(index)
            .orElseThrow(
                () -> QueryException.retryLater("The index was deleted while it was read: retry"));
    IndexReader.Slice slice = reader.read(transaction, ranges, descending, from, wanted);
    List<IndexRow> rows = slice.rows();
    if (rows.isEmpty()) {
      return new Batch(List.of(), from, slice.end());
    }
    boolean covered =
        covering && rows.stream().allMatch(row -> row.values().isPresent() && !row.cut());
    if (covered) {
      List<Found> found = rows.stream().map(row -> new Found(row, Optional.empty())).toList();
      return new Batch(found, rows.getLast().position(), slice.end());
    }
    List<Optional<Winner>> documents =
        winners.read(transaction, rows.stream().map(IndexRow::id).toList(), conflicts);
    List<Found> found = new ArrayList<>();
    for (int i = 0; i < documents.size(); i++) {
      if (documents.get(i).isPresent()) {
        found.add(new Found(rows.get(i), documents.get(i)));
      }
    }
    return new Batch(
        found,
        rows.get(documents.size() - 1).position(),
        slice.end() && documents.size() == rows.size());
  }

  /** The row as a query tests it. */
  static Row row(Found found, List<String> columns, Bookmark position) {
    if (found.winner().isPresent()) {
      Winner winner = found.winner().get();
      return new Row(winner.id(), position, winner.body(), winner::toJson);
    }
    byte[] document = covered(found.row(), columns);
    return new Row(found.row().id(), position, document, () -> document);
  }

  /** The fields of a document that a row has. */
  private static byte[] covered(IndexRow row, List<String> columns) {
    List<JsonValue> values =
        ((JsonValue.Arr) JsonValue.read(row.values().orElseThrow())).elements();
    JsonBuffer out = new JsonBuffer();
    Projection.document(row.id(), columns, values).appendTo(out);
    return out.toBytes();
  }
}

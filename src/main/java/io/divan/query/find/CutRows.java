package io.divan.query.find;

import io.divan.document.WinnerReader.Winner;
import io.divan.json.JsonOrder;
import io.divan.json.JsonValue;
import io.divan.query.find.IndexRows.Found;
import io.divan.query.selector.FieldReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Sorts runs of rows whose columns were cut and are equal: the keys do not have the order of the
 * values there. A run is held in memory until its end, up to {@value #ROWS_MAX} rows and {@value
 * #BYTES_MAX} bytes of documents; the parts of a longer one are sorted one by one. For one thread.
 */
final class CutRows {
  private static final int ROWS_MAX = 1_000;
  private static final long BYTES_MAX = 32_000_000;

  private record Sorted(Found found, List<JsonValue> values) {}

  private final List<String> columns;
  private final FieldReader reader;
  private final Comparator<Sorted> order;
  private final List<Sorted> run = new ArrayList<>();

  /** The row after which the query continues, until its run has passed. */
  private Optional<Bookmark> after;

  private byte[] runColumns = new byte[0];
  private long bytes;
  private long ordinal;

  CutRows(List<String> columns, boolean descending, Optional<Bookmark> after) {
    this.columns = columns;
    this.reader = FieldReader.of(columns);
    Comparator<Sorted> ascending =
        ((Comparator<Sorted>) (a, b) -> compare(a.values(), b.values()))
            .thenComparing(sorted -> sorted.found().row().id(), JsonOrder::compareCodePoints);
    this.order = descending ? ascending.reversed() : ascending;
    this.after = after.filter(bookmark -> bookmark.ordinal() > 0);
  }

  private static int compare(List<JsonValue> some, List<JsonValue> others) {
    for (int i = 0; i < Math.min(some.size(), others.size()); i++) {
      int result = JsonOrder.COLLATED.compare(some.get(i), others.get(i));
      if (result != 0) {
        return result;
      }
    }
    return 0;
  }

  /** Whether a row belongs to the run, or there is no run. */
  boolean continuesWith(Found found) {
    return ordinal == 0 && run.isEmpty()
        || found.row().cut() && Arrays.equals(found.row().columns(), runColumns);
  }

  /** Adds a row to the run; returns the rows before if it becomes too long. */
  List<RowSource.Row> add(Found found) {
    runColumns = found.row().columns();
    Winner winner = found.winner().orElseThrow();
    List<RowSource.Row> rows = List.of();
    if (run.size() == ROWS_MAX || bytes > BYTES_MAX) {
      rows = sorted();
    }
    bytes += winner.body().length;
    run.add(new Sorted(found, reader.read(winner.toJson()).orElse(List.of())));
    return rows;
  }

  /** Ends the run, and returns its rows in order. */
  List<RowSource.Row> end() {
    List<RowSource.Row> rows = sorted();
    ordinal = 0;
    return rows;
  }

  private List<RowSource.Row> sorted() {
    run.sort(order);
    List<RowSource.Row> rows = new ArrayList<>();
    int first = passed();
    for (int i = 0; i < run.size(); i++) {
      ordinal++;
      if (i >= first) {
        Found found = run.get(i).found();
        Bookmark position = new Bookmark(found.row().id(), found.row().columns(), ordinal);
        rows.add(IndexRows.row(found, columns, position));
      }
    }
    run.clear();
    bytes = 0;
    return rows;
  }

  /**
   * The number of rows at the start of the run that earlier answers have passed. If the row of the
   * bookmark is gone, they are counted.
   */
  private int passed() {
    if (after.isEmpty() || run.isEmpty()) {
      return 0;
    }
    Bookmark bookmark = after.get();
    if (!Arrays.equals(bookmark.columns(), runColumns)) {
      after = Optional.empty();
      return 0;
    }
    for (int i = 0; i < run.size(); i++) {
      if (run.get(i).found().row().id().equals(bookmark.id())) {
        after = Optional.empty();
        return i + 1;
      }
    }
    return Math.clamp(bookmark.ordinal() - 1 - ordinal, 0, run.size());
  }
}

package io.divan.record.relational;

import io.divan.record.Explanation;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordReader;
import io.divan.record.Results;
import io.divan.record.Sort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Reads the different values of columns in the order of an index. Each page starts after the last
 * value of the one before: a page of few rows skips all others with the same values. Pages grow
 * while most of their rows have different values, so a scan never takes more pages than values, and
 * reads few rows of each value.
 */
final class DistinctScan {
  private static final int ROWS_MIN = 8;

  private final Query query;
  private final List<String> columns;
  private final List<Row> found = new ArrayList<>();

  /** The last row of the page before, if a page starts after its values. */
  private Optional<Rec> last = Optional.empty();

  /**
   * The column in which rows of the next page are greater than the last row; those before it are
   * equal. Negative at the end.
   */
  private int level;

  private DistinctScan(Query query, List<String> columns) {
    this.query = query;
    this.columns = columns;
  }

  /** Returns the scan, if an index has its order and the query would use that index anyway. */
  static Optional<DistinctScan> of(RecordReader records, Query all, List<String> columns) {
    Query ordered =
        all.sort(columns.stream().map(Sort::ascending).toArray(Sort[]::new)).sortInMemory(0);
    try {
      Explanation plan = records.explain(ordered);
      boolean saves = plan.covered() || plan.indexes().isEmpty();
      boolean same =
          all.predicate().equals(Predicate.all())
              || plan.indexes().equals(records.explain(all).indexes());
      return saves && same ? Optional.of(new DistinctScan(ordered, columns)) : Optional.empty();
    } catch (RecordException.NoIndexForSort e) {
      return Optional.empty();
    }
  }

  /** Returns the values, ascending; {@code number} checks how many there are. */
  List<Row> run(Selection.Snapshots snapshots, IntConsumer number) {
    int rows = ROWS_MIN;
    Optional<byte[]> continuation = Optional.empty();
    while (level >= 0) {
      Query part = query.where(Predicate.and(query.predicate(), beyond()));
      ReadLimits limits = ReadLimits.rows(rows);
      Optional<byte[]> from = continuation;
      Results page = snapshots.read((catalog, records) -> records.run(part, limits, from));
      int before = found.size();
      page.records().forEach(this::add);
      number.accept(found.size());
      continuation = Optional.empty();
      if (page.continuation().isEmpty()) {
        level--;
      } else if (page.records().isEmpty()) {
        continuation = page.continuation();
      } else {
        last = Optional.of(page.records().getLast());
        level = columns.size() - 1;
      }
      if (!page.records().isEmpty()) {
        rows =
            Math.clamp(
                (long) ROWS_MIN * (found.size() - before), ROWS_MIN, ReadLimits.DEFAULT.rows());
      }
    }
    return List.copyOf(found);
  }

  private void add(Rec rec) {
    Row row = new Row(columns, rec);
    if (found.isEmpty() || !row.equals(found.getLast())) {
      found.add(row);
    }
  }

  /** Returns the condition of the rows after the last one. */
  private Predicate beyond() {
    if (last.isEmpty()) {
      return Predicate.all();
    }
    List<Predicate> parts = new ArrayList<>();
    for (int i = 0; i <= level; i++) {
      String column = columns.get(i);
      Optional<Object> value = last.get().get(column);
      boolean equal = i < level;
      parts.add(
          value.isEmpty()
              ? equal ? Predicate.isNull(column) : Predicate.not(Predicate.isNull(column))
              : equal
                  ? Predicate.eq(column, value.get())
                  : Predicate.gt(column, value.get()));
    }
    return new Predicate.And(parts);
  }
}

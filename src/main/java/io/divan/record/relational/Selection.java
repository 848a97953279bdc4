package io.divan.record.relational;

import io.divan.record.Key;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordReader;
import io.divan.record.Results;
import io.divan.record.Sort;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Rows of a table to be read: narrowed by conditions, in an order, with a limit. Immutable; each
 * method that narrows returns another selection. Within a transaction all rows are of its snapshot;
 * outside, each page of about 1,000 rows is one snapshot.
 */
public final class Selection {
  /** The most groups, or distinct rows, that are kept in memory. */
  private static final int GROUPS_MAX = 100_000;

  /** The most rows of the left side of a join that one query of the right side serves. */
  private static final int JOIN_ROWS = 100;

  /** Runs reads, each in one snapshot. */
  interface Snapshots {
    <T> T read(Read<T> work);
  }

  /** A read of a snapshot. */
  @FunctionalInterface
  interface Read<T> {
    T from(Catalog catalog, RecordReader records);
  }

  /**
   * Some rows.
   *
   * @param rows the rows
   * @param continuation what {@link #page} continues with; empty exactly at the end
   */
  public record Page(List<Row> rows, Optional<byte[]> continuation) {
    public Page {
      rows = List.copyOf(rows);
    }
  }

  private final Snapshots snapshots;
  private final Query query;
  private final OptionalInt limit;

  private Selection(Snapshots snapshots, Query query, OptionalInt limit) {
    this.snapshots = snapshots;
    this.query = query;
    this.limit = limit;
  }

  static Selection of(String table, Snapshots snapshots) {
    return new Selection(
        snapshots, Query.of(table).sortInMemory(Query.SORT_MAX), OptionalInt.empty());
  }

  /** Returns the rows that also fulfil this condition. */
  public Selection where(Where where) {
    return and(where.predicate());
  }

  /**
   * Returns the rows that also fulfil this test. No index supports it. It may run any number of
   * times.
   */
  public Selection where(java.util.function.Predicate<Row> test) {
    return snapshots.read(
        (catalog, records) -> {
          Table table = catalog.require(query.type());
          return and(Predicate.test(rec -> test.test(table.row(rec)), "a test in Java"));
        });
  }

  private Selection and(Predicate predicate) {
    boolean all = query.predicate().equals(Predicate.all());
    return with(query.where(all ? predicate : Predicate.and(query.predicate(), predicate)));
  }

  /** Returns these columns of the rows. An index that has them all saves the reads of rows. */
  public Selection columns(String... names) {
    return with(query.fields(names));
  }

  /**
   * Returns the rows in the ascending order of columns, null first. Without an index in this order
   * or its reverse, at most 100,000 rows are sorted in memory.
   */
  public Selection orderBy(String... columns) {
    return with(query.sort(Stream.of(columns).map(Sort::ascending).toArray(Sort[]::new)));
  }

  /** Returns the rows in the reverse order; without {@link #orderBy}, that of the key. */
  public Selection descending() {
    return snapshots.read(
        (catalog, records) -> {
          List<String> order =
              query.sort().isEmpty()
                  ? catalog.require(query.type()).key()
                  : query.sort().stream().map(Sort::field).toList();
          return with(query.sort(order.stream().map(Sort::descending).toArray(Sort[]::new)));
        });
  }

  /** Returns the first rows. */
  public Selection limit(int rows) {
    return new Selection(snapshots, query, OptionalInt.of(rows));
  }

  private Selection with(Query other) {
    return new Selection(snapshots, other, limit);
  }

  /** Returns the rows. */
  public List<Row> list() {
    List<Row> rows = new ArrayList<>();
    each(rows::add);
    return rows;
  }

  /** Returns the records of the rows. */
  List<Rec> records() {
    List<Rec> all = new ArrayList<>();
    Optional<byte[]> continuation = Optional.empty();
    do {
      Optional<byte[]> from = continuation;
      Results page = snapshots.read((catalog, records) -> run(records, ReadLimits.DEFAULT, from));
      all.addAll(page.records());
      continuation = page.continuation();
    } while (continuation.isPresent());
    return all;
  }

  /**
   * Returns some rows. {@link #limit} does not matter.
   *
   * @param rows the most rows
   * @param continuation that of the page before; empty for the first page
   */
  public Page page(int rows, Optional<byte[]> continuation) {
    return snapshots.read(
        (catalog, records) -> {
          Table table = catalog.require(query.type());
          Results page = run(records, ReadLimits.rows(rows), continuation);
          List<String> columns =
              query.fields().isEmpty() ? table.definition().columnNames() : query.fields();
          return new Page(
              page.records().stream().map(rec -> new Row(columns, rec)).toList(),
              page.continuation());
        });
  }

  private Results run(RecordReader records, ReadLimits limits, Optional<byte[]> continuation) {
    try {
      return records.run(query, limits, continuation);
    } catch (RuntimeException e) {
      throw Failures.of(e);
    }
  }

  private void each(Consumer<Row> work) {
    int left = limit.orElse(Integer.MAX_VALUE);
    Optional<byte[]> continuation = Optional.empty();
    while (left > 0) {
      Page page = page(Math.min(left, ReadLimits.DEFAULT.rows()), continuation);
      page.rows().forEach(work);
      left -= page.rows().size();
      continuation = page.continuation();
      if (continuation.isEmpty()) {
        return;
      }
    }
  }

  /** Returns the number of rows, from a counter if there is one. */
  public long count() {
    return (Long) aggregate(Aggregate.count()).get(Aggregate.count()).orElseThrow();
  }

  /**
   * Returns the different values of columns. In the order of the values, if they are read from a
   * counter, or from an index that begins with these columns: then rows with equal values are
   * skipped. Otherwise in the order of their first rows.
   */
  public List<Row> distinct(String... columns) {
    List<String> names = List.of(columns);
    Selection some = columns(columns);
    if (limit.isEmpty() && query.sort().isEmpty() && !names.isEmpty()) {
      Optional<List<Row>> counted =
          counted(names, List.of(Aggregate.count())).map(map -> List.copyOf(map.keySet()));
      if (counted.isPresent()) {
        return counted.get();
      }
      Optional<DistinctScan> scan =
          snapshots.read((catalog, records) -> DistinctScan.of(records, some.query, names));
      if (scan.isPresent()) {
        return scan.get().run(snapshots, Selection::requireGroups);
      }
    }
    Set<Row> rows = new LinkedHashSet<>();
    some.each(
        row -> {
          rows.add(row);
          requireGroups(rows.size());
        });
    return List.copyOf(rows);
  }

  /** Returns functions of all rows, from counters if these know them. */
  public Aggregate.Result aggregate(Aggregate... functions) {
    List<Aggregate> all = List.of(functions);
    Accumulator accumulator = accumulator(all);
    if (limit.isEmpty()) {
      Optional<Aggregate.Result> counted =
          snapshots.read(
              (catalog, records) -> new Counters(catalog.require(query.type()), records)
                  .aggregate(query.predicate(), all));
      if (counted.isPresent()) {
        return counted.get();
      }
    }
    needing(List.of(), all).each(accumulator::add);
    return accumulator.result();
  }

  /**
   * Returns functions of the rows of each group, the values of columns; from counters if these know
   * them.
   */
  public Map<Row, Aggregate.Result> groupBy(List<String> columns, Aggregate... functions) {
    List<Aggregate> all = List.of(functions);
    accumulator(all);
    return counted(columns, all).orElseGet(() -> grouped(columns, all));
  }

  private Optional<Map<Row, Aggregate.Result>> counted(
      List<String> columns, List<Aggregate> functions) {
    if (limit.isPresent() || !query.predicate().equals(Predicate.all())) {
      return Optional.empty();
    }
    Optional<Map<Row, Aggregate.Result>> groups =
        snapshots.read(
            (catalog, records) -> new Counters(catalog.require(query.type()), records)
                .groupBy(columns, functions, GROUPS_MAX));
    groups.ifPresent(map -> requireGroups(map.size()));
    return groups.map(Collections::unmodifiableMap);
  }

  private Map<Row, Aggregate.Result> grouped(List<String> columns, List<Aggregate> functions) {
    Map<Row, Accumulator> groups = new LinkedHashMap<>();
    needing(columns, functions)
        .each(
            row -> {
              Row group = row.only(columns);
              groups.computeIfAbsent(group, none -> new Accumulator(functions)).add(row);
              requireGroups(groups.size());
            });
    Map<Row, Aggregate.Result> results = new LinkedHashMap<>();
    groups.forEach((group, accumulator) -> results.put(group, accumulator.result()));
    return Collections.unmodifiableMap(results);
  }

  private Accumulator accumulator(List<Aggregate> functions) {
    snapshots.read(
        (catalog, records) -> {
          Table table = catalog.require(query.type());
          functions.forEach(function -> check(table, function));
          return true;
        });
    return new Accumulator(functions);
  }

  private static void check(Table table, Aggregate function) {
    boolean numbers = function instanceof Aggregate.Sum || function instanceof Aggregate.Avg;
    for (String column : function.columns()) {
      ColumnType type = table.typeOf(column);
      if (numbers && type != ColumnType.INTEGER && type != ColumnType.DOUBLE) {
        throw new RelationalException.Refused(
            "Column " + column + " of table " + table.name() + " is " + type
                + ", which has no sum");
      }
    }
  }

  /** Returns this selection with the columns that functions need; at least one. */
  private Selection needing(List<String> columns, List<Aggregate> functions) {
    Set<String> needed = new LinkedHashSet<>(columns);
    functions.forEach(function -> needed.addAll(function.columns()));
    if (needed.isEmpty()) {
      needed.addAll(
          snapshots.read((catalog, records) -> catalog.require(query.type()).key()));
    }
    return columns(needed.toArray(String[]::new));
  }

  private static void requireGroups(int groups) {
    if (groups > GROUPS_MAX) {
      throw new RelationalException.Refused(
          "The query has more than " + GROUPS_MAX + " groups");
    }
  }

  /**
   * Returns the pairs of rows of which two columns are equal: a nested loop, of which one query of
   * the other table serves 100 rows.
   */
  public List<Join.Pair> join(String other, Join.On on) {
    List<Row> left = list();
    List<Join.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < left.size(); i += JOIN_ROWS) {
      List<Row> some = left.subList(i, Math.min(i + JOIN_ROWS, left.size()));
      Map<Key, List<Row>> right = matches(other, on, some);
      for (Row row : some) {
        row.get(on.left())
            .map(value -> right.getOrDefault(Key.of(value), List.of()))
            .ifPresent(rows -> rows.forEach(each -> pairs.add(new Join.Pair(row, each))));
      }
    }
    return pairs;
  }

  private Map<Key, List<Row>> matches(String other, Join.On on, List<Row> left) {
    Set<Key> values = new LinkedHashSet<>();
    left.forEach(row -> row.get(on.left()).ifPresent(value -> values.add(Key.of(value))));
    Map<Key, List<Row>> matches = new LinkedHashMap<>();
    if (!values.isEmpty()) {
      List<Object> all = values.stream().map(key -> key.elements().getFirst()).toList();
      Selection.of(other, snapshots)
          .where(Where.in(on.right(), all))
          .each(
              row -> matches
                  .computeIfAbsent(
                      Key.of(row.get(on.right()).orElseThrow()), none -> new ArrayList<>())
                  .add(row));
    }
    return matches;
  }

  /** Returns how the rows are found, in words. */
  public String explain() {
    return snapshots.read((catalog, records) -> records.explain(query).text());
  }
}

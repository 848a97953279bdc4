package io.divan.record.relational;

import io.divan.record.Key;
import io.divan.record.Predicate;
import io.divan.record.Predicate.And;
import io.divan.record.Predicate.Compare;
import io.divan.record.Predicate.In;
import io.divan.record.Predicate.IsNull;
import io.divan.record.Predicate.Op;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordReader;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Functions of rows from the counters of a table, without reading rows. They serve a whole table,
 * or the groups that conditions of equality name, if a counter has exactly these columns.
 */
record Counters(Table table, RecordReader records) {
  /** The most groups of one condition: each costs a read. */
  private static final int GROUPS_READ = 16;

  /** Returns functions of the rows that fulfil a predicate, if counters know them. */
  Optional<Aggregate.Result> aggregate(Predicate predicate, List<Aggregate> functions) {
    Map<String, List<Optional<Object>>> values = new LinkedHashMap<>();
    if (!equalities(predicate, values)) {
      return Optional.empty();
    }
    Optional<TableCounter> counter = counter(values.keySet(), functions);
    if (counter.isEmpty()) {
      return Optional.empty();
    }
    List<List<Optional<Object>>> groups = groups(counter.get(), values);
    if (groups.size() > GROUPS_READ) {
      return Optional.empty();
    }
    try {
      Numbers numbers = new Numbers();
      groups.forEach(group -> numbers.add(read(counter.get(), group, functions)));
      return Optional.of(numbers.result(functions));
    } catch (RecordException.IndexNotReady e) {
      return Optional.empty(); // the rows are read
    }
  }

  /**
   * Returns functions of the rows of each group of a table, if counters know them.
   *
   * @param max the most groups; one more may be returned
   */
  Optional<Map<Row, Aggregate.Result>> groupBy(
      List<String> columns, List<Aggregate> functions, int max) {
    Optional<TableCounter> counter = counter(new HashSet<>(columns), functions);
    if (counter.isEmpty() || counter.get().group().isEmpty()) {
      return Optional.empty();
    }
    try {
      Map<Row, Numbers> groups = new LinkedHashMap<>();
      for (RecordReader.Group each : records.groups(table.index(counter.get()), max + 1)) {
        Numbers numbers = new Numbers();
        numbers.rows = each.number();
        groups.put(row(counter.get(), columns, each), numbers);
      }
      for (String column : summed(functions)) {
        for (RecordReader.Group each : records.groups(table.index(counter.get(), column),
            Integer.MAX_VALUE)) {
          Optional.ofNullable(groups.get(row(counter.get(), columns, each)))
              .ifPresent(numbers -> numbers.sums.put(column, each.number()));
        }
      }
      Map<Row, Aggregate.Result> results = new LinkedHashMap<>();
      groups.forEach((group, numbers) -> results.put(group, numbers.result(functions)));
      return Optional.of(results);
    } catch (RecordException.IndexNotReady e) {
      return Optional.empty(); // the rows are read
    }
  }

  private Row row(TableCounter counter, List<String> columns, RecordReader.Group group) {
    Rec rec = Rec.of(table.name());
    for (int i = 0; i < counter.group().size(); i++) {
      rec = rec.with(counter.group().get(i), group.values().get(i));
    }
    return new Row(columns, rec);
  }

  /** The numbers of some rows. */
  private static final class Numbers {
    private long rows;
    private final Map<String, Long> sums = new HashMap<>();

    void add(Numbers more) {
      rows += more.rows;
      more.sums.forEach((column, sum) -> sums.merge(column, sum, Long::sum));
    }

    Aggregate.Result result(List<Aggregate> functions) {
      Map<Aggregate, Optional<Object>> values = new LinkedHashMap<>();
      for (Aggregate function : functions) {
        values.put(
            function,
            switch (function) {
              case Aggregate.Sum(String column) when rows > 0 ->
                  Optional.of(sums.getOrDefault(column, 0L));
              case Aggregate.Avg(String column) when rows > 0 ->
                  Optional.of(
                      BigDecimal.valueOf(sums.getOrDefault(column, 0L))
                          .divide(BigDecimal.valueOf(rows), MathContext.DECIMAL128)
                          .doubleValue());
              case Aggregate.Count count -> Optional.of(rows);
              default -> Optional.empty();
            });
      }
      return new Aggregate.Result(values);
    }
  }

  private Numbers read(
      TableCounter counter, List<Optional<Object>> group, List<Aggregate> functions) {
    @Nullable Object[] values = group.stream().map(each -> each.orElse(null)).toArray();
    Numbers numbers = new Numbers();
    numbers.rows = records.count(table.index(counter), values);
    summed(functions)
        .forEach(
            column -> numbers.sums.put(
                column, records.sum(table.index(counter, column), values)));
    return numbers;
  }

  private static Set<String> summed(List<Aggregate> functions) {
    Set<String> columns = new LinkedHashSet<>();
    functions.forEach(function -> columns.addAll(function.columns()));
    return columns;
  }

  /** Returns a counter with these columns that knows all of the functions. */
  private Optional<TableCounter> counter(Set<String> columns, List<Aggregate> functions) {
    boolean known =
        functions.stream()
            .allMatch(
                function -> switch (function) {
                  case Aggregate.Count count -> true;
                  case Aggregate.Sum sum -> true;
                  case Aggregate.Avg avg -> true;
                  case Aggregate.Min min -> false;
                  case Aggregate.Max max -> false;
                });
    List<TableCounter> all = new ArrayList<>(table.definition().counters());
    all.add(TableCounter.of("")); // the number of all rows
    return all.stream()
        .filter(counter -> known && columns.equals(new HashSet<>(counter.group())))
        .filter(counter -> counter.sums().containsAll(summed(functions)))
        .findFirst();
  }

  /** Collects the values of columns; returns whether the predicate is equality of columns only. */
  private boolean equalities(Predicate predicate, Map<String, List<Optional<Object>>> values) {
    return switch (predicate) {
      case And(List<Predicate> parts) ->
          parts.stream().allMatch(part -> equalities(part, values));
      case Compare(String column, Op op, Object value) when op == Op.EQ ->
          put(values, column, List.of(value));
      case In(String column, List<Object> some) -> put(values, column, some);
      case IsNull(String column) -> values.put(column, List.of(Optional.empty())) == null;
      default -> false;
    };
  }

  private boolean put(
      Map<String, List<Optional<Object>>> values, String column, List<Object> some) {
    ColumnType type = table.typeOf(column);
    Set<Key> distinct = new LinkedHashSet<>();
    for (Object value : some) {
      if (!type.accepts(value)) {
        return false; // the query says so
      }
      boolean real = type == ColumnType.DOUBLE;
      distinct.add(
          Key.of(real && value instanceof Long number ? (Object) number.doubleValue() : value));
    }
    return values.put(
        column, distinct.stream().map(key -> Optional.of(key.elements().getFirst()))
            .toList()) == null;
  }

  /** Returns the groups that have any of the values of each column. */
  private static List<List<Optional<Object>>> groups(
      TableCounter counter, Map<String, List<Optional<Object>>> values) {
    List<List<Optional<Object>>> groups = List.of(List.of());
    for (String column : counter.group()) {
      List<List<Optional<Object>>> longer = new ArrayList<>();
      for (List<Optional<Object>> group : groups) {
        for (Optional<Object> value : values.getOrDefault(column, List.of())) {
          List<Optional<Object>> more = new ArrayList<>(group);
          more.add(value);
          longer.add(more);
        }
      }
      groups = longer.size() > GROUPS_READ ? longer.subList(0, GROUPS_READ + 1) : longer;
    }
    return groups;
  }
}

package io.divan.record.relational;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A function of many rows. Null does not count, as in SQL. */
public sealed interface Aggregate {

  /** The number of rows. */
  record Count() implements Aggregate {}

  /** The sum of a column, exact for integers; null without values. */
  record Sum(String column) implements Aggregate {}

  /** The least value of a column; null without values. */
  record Min(String column) implements Aggregate {}

  /** The greatest value of a column; null without values. */
  record Max(String column) implements Aggregate {}

  /** The mean of a column as a double; null without values. */
  record Avg(String column) implements Aggregate {}

  /** Returns the number of rows. */
  static Aggregate count() {
    return new Count();
  }

  /** Returns the sum of a column. */
  static Aggregate sum(String column) {
    return new Sum(column);
  }

  /** Returns the least value of a column. */
  static Aggregate min(String column) {
    return new Min(column);
  }

  /** Returns the greatest value of a column. */
  static Aggregate max(String column) {
    return new Max(column);
  }

  /** Returns the mean of a column. */
  static Aggregate avg(String column) {
    return new Avg(column);
  }

  /** Returns the columns that the function reads. */
  default Set<String> columns() {
    return switch (this) {
      case Count count -> Set.of();
      case Sum(String column) -> Set.of(column);
      case Min(String column) -> Set.of(column);
      case Max(String column) -> Set.of(column);
      case Avg(String column) -> Set.of(column);
    };
  }

  /** The values of functions. */
  record Result(Map<Aggregate, Optional<Object>> values) {
    public Result {
      values = Map.copyOf(values);
    }

    /** Returns the value of a function, or empty if it is null. */
    public Optional<Object> get(Aggregate function) {
      return Optional.ofNullable(values.get(function))
          .orElseThrow(() -> new IllegalArgumentException("The query has no " + function));
    }
  }
}

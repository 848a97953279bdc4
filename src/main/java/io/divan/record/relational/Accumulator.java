package io.divan.record.relational;

import io.divan.storage.tuple.TupleWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Computes functions of rows. */
final class Accumulator {
  private final List<Aggregate> functions;
  private final Map<String, Column> columns = new LinkedHashMap<>();
  private long rows;

  /** The values of a column. */
  private static final class Column {
    private long count;
    private BigInteger integers = BigInteger.ZERO;
    private double doubles;
    private boolean real;
    private @Nullable Object min;
    private @Nullable Object max;

    void add(Object value) {
      count++;
      switch (value) {
        case Long number -> integers = integers.add(BigInteger.valueOf(number));
        case BigInteger number -> integers = integers.add(number);
        case Double number -> {
          real = true;
          doubles += number;
        }
        default -> {}
      }
      min = min == null || compare(value, min) < 0 ? value : min;
      max = max == null || compare(value, max) > 0 ? value : max;
    }

    Optional<Object> sum() {
      if (count == 0) {
        return Optional.empty();
      }
      return Optional.of(
          real ? (Object) doubles : integers.bitLength() < 64 ? integers.longValue() : integers);
    }

    Optional<Object> average() {
      if (count == 0) {
        return Optional.empty();
      }
      return Optional.of(
          real
              ? doubles / count
              : new BigDecimal(integers)
                  .divide(BigDecimal.valueOf(count), MathContext.DECIMAL128)
                  .doubleValue());
    }

    private static int compare(Object first, Object second) {
      return Arrays.compareUnsigned(TupleWriter.pack(first), TupleWriter.pack(second));
    }
  }

  Accumulator(List<Aggregate> functions) {
    this.functions = functions;
    functions.forEach(
        function -> function.columns().forEach(each -> columns.put(each, new Column())));
  }

  void add(Row row) {
    rows++;
    columns.forEach((name, column) -> row.get(name).ifPresent(column::add));
  }

  Aggregate.Result result() {
    Map<Aggregate, Optional<Object>> values = new LinkedHashMap<>();
    functions.forEach(function -> values.put(function, value(function)));
    return new Aggregate.Result(values);
  }

  private Optional<Object> value(Aggregate function) {
    return switch (function) {
      case Aggregate.Count count -> Optional.of(rows);
      case Aggregate.Sum(String column) -> column(column).sum();
      case Aggregate.Avg(String column) -> column(column).average();
      case Aggregate.Min(String column) -> Optional.ofNullable(column(column).min);
      case Aggregate.Max(String column) -> Optional.ofNullable(column(column).max);
    };
  }

  private Column column(String name) {
    return Optional.ofNullable(columns.get(name)).orElseThrow();
  }
}

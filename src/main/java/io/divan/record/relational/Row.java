package io.divan.record.relational;

import io.divan.record.Rec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row, or some columns of one. Immutable. Rows are equal if their columns and values are, bytes
 * by content.
 */
public final class Row {
  private final List<String> columns;
  private final Rec rec;

  Row(List<String> columns, Rec rec) {
    this.columns = List.copyOf(columns);
    this.rec = rec;
  }

  /** Returns the names of the columns. {@link TableDefinition#ROW_ID} is not among them. */
  public List<String> columns() {
    return columns;
  }

  /** Returns the value of a column, or of the row id; empty if it is null. */
  public Optional<Object> get(String column) {
    if (!columns.contains(column) && !column.equals(TableDefinition.ROW_ID)) {
      throw new RelationalException.NoSuchColumn(rec.type(), column);
    }
    return rec.get(column);
  }

  /** Returns the value of a TEXT column that is not null. */
  public String text(String column) {
    return (String) required(column);
  }

  /** Returns the value of an INTEGER column that is not null and fits into 64 bits. */
  public long integer(String column) {
    return (Long) required(column);
  }

  /** Returns the value of a DOUBLE column that is not null. */
  public double real(String column) {
    return (Double) required(column);
  }

  /** Returns the value of a BOOLEAN column that is not null. */
  public boolean bool(String column) {
    return (Boolean) required(column);
  }

  /** Returns the value of a BYTES column that is not null. */
  public byte[] bytes(String column) {
    return (byte[]) required(column);
  }

  /** Returns the values by the names of the columns, in their order, null included. */
  public Map<String, @Nullable Object> values() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    columns.forEach(column -> values.put(column, rec.get(column).orElse(null)));
    return Collections.unmodifiableMap(values);
  }

  Rec rec() {
    return rec;
  }

  /** Returns some columns of this row. */
  Row only(List<String> some) {
    return new Row(some, rec);
  }

  private Object required(String column) {
    return get(column)
        .orElseThrow(
            () -> new IllegalStateException(
                "Column " + column + " of this row of table " + rec.type() + " is null"));
  }

  /** Returns the record with the columns only. */
  private Rec visible() {
    Rec visible = Rec.of("");
    for (String column : columns) {
      visible = visible.with(column, rec.get(column).orElse(null));
    }
    return visible;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Row row
        && columns.equals(row.columns)
        && visible().equals(row.visible());
  }

  @Override
  public int hashCode() {
    return visible().hashCode();
  }

  @Override
  public String toString() {
    return visible().toString();
  }
}

package io.divan.record.relational;

import io.divan.record.Key;
import io.divan.record.relational.ForeignKey.OnDelete;
import java.math.BigInteger;
import java.util.Objects;
import java.util.Optional;

/**
 * A column of a table. Columns are equal if their parts are, bytes by content.
 *
 * @param name a letter or underscore, then at most 62 letters, digits and underscores
 * @param type the type of its values
 * @param nullable whether a value may be null
 * @param defaultValue the value of an inserted row that gives none; empty for null
 * @param references the table whose rows its values refer to
 */
public record Column(
    String name,
    ColumnType type,
    boolean nullable,
    Optional<Object> defaultValue,
    Optional<ForeignKey> references) {

  public Column {
    defaultValue = defaultValue.map(value -> normal(type, value));
  }

  /** Returns a value as rows hold it. */
  private static Object normal(ColumnType type, Object value) {
    return switch (value) {
      case byte[] bytes -> bytes.clone();
      case Integer number when type == ColumnType.INTEGER -> number.longValue();
      case BigInteger number when number.bitLength() < Long.SIZE -> number.longValue();
      case Integer number when type == ColumnType.DOUBLE -> number.doubleValue();
      case Long number when type == ColumnType.DOUBLE -> number.doubleValue();
      default -> value;
    };
  }

  @Override
  public Optional<Object> defaultValue() {
    return defaultValue.map(value -> value instanceof byte[] bytes ? bytes.clone() : value);
  }

  /** Returns a column that may be null and has no default. */
  public static Column of(String name, ColumnType type) {
    return new Column(name, type, true, Optional.empty(), Optional.empty());
  }

  /** Returns this column without null. */
  public Column notNull() {
    return new Column(name, type, false, defaultValue, references);
  }

  /** Returns this column with a default. */
  public Column defaultsTo(Object value) {
    return new Column(name, type, nullable, Optional.of(value), references);
  }

  /** Returns this column as a reference to rows of a table. */
  public Column references(String table, OnDelete onDelete) {
    return new Column(
        name, type, nullable, defaultValue, Optional.of(new ForeignKey(table, onDelete)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Column column
        && name.equals(column.name)
        && type == column.type
        && nullable == column.nullable
        && defaultValue.map(Key::of).equals(column.defaultValue.map(Key::of))
        && references.equals(column.references);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, type, nullable, defaultValue.map(Key::of), references);
  }
}

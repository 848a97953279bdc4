package io.divan.record.relational;

import io.divan.record.relational.ForeignKey.OnDelete;
import java.util.Optional;

/**
 * A column of a table.
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
}

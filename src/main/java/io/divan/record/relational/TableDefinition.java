package io.divan.record.relational;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A table. {@link #of} starts a definition, to which the other methods add.
 *
 * @param name its name, as that of a {@link Column}
 * @param version 1 for a new table; each change of the definition adds 1
 * @param columns its columns, in the order of its rows
 * @param primaryKey the names of the key columns, which are never null; none for a table whose
 *     rows get an id: a hidden integer column {@link #ROW_ID}
 * @param indexes its secondary indexes
 * @param counters its counters
 * @param strictRowIds whether row ids come from a counter that the inserting transaction reads
 *     and writes, without gaps after a crash; then concurrent inserts conflict. Otherwise an
 *     instance takes ids in blocks
 */
public record TableDefinition(
    String name,
    int version,
    List<Column> columns,
    List<String> primaryKey,
    List<TableIndex> indexes,
    List<TableCounter> counters,
    boolean strictRowIds) {

  /** The name of the hidden key of tables without a primary key. */
  public static final String ROW_ID = "rowid";

  public TableDefinition {
    columns = List.copyOf(columns);
    primaryKey = List.copyOf(primaryKey);
    indexes = List.copyOf(indexes);
    counters = List.copyOf(counters);
  }

  /** Starts the definition of a table, with version 1. */
  public static TableDefinition of(String name) {
    return new TableDefinition(
        name, 1, List.of(), List.of(), List.of(), List.of(), false);
  }

  /** Returns this definition with another version. */
  public TableDefinition version(int other) {
    return new TableDefinition(
        name, other, columns, primaryKey, indexes, counters, strictRowIds);
  }

  /** Adds a column. */
  public TableDefinition column(Column column) {
    return columns(with(columns, column));
  }

  /** Adds a column that may be null and has no default. */
  public TableDefinition column(String columnName, ColumnType type) {
    return column(Column.of(columnName, type));
  }

  /** Returns this definition with other columns. */
  public TableDefinition columns(List<Column> others) {
    return new TableDefinition(
        name, version, others, primaryKey, indexes, counters, strictRowIds);
  }

  /** Sets the key columns. */
  public TableDefinition key(String... names) {
    return new TableDefinition(
        name, version, columns, List.of(names), indexes, counters, strictRowIds);
  }

  /** Adds an index. */
  public TableDefinition index(TableIndex index) {
    return indexes(with(indexes, index));
  }

  /** Returns this definition with other indexes. */
  public TableDefinition indexes(List<TableIndex> others) {
    return new TableDefinition(
        name, version, columns, primaryKey, others, counters, strictRowIds);
  }

  /** Adds a counter. */
  public TableDefinition counter(TableCounter counter) {
    return counters(with(counters, counter));
  }

  /** Returns this definition with other counters. */
  public TableDefinition counters(List<TableCounter> others) {
    return new TableDefinition(
        name, version, columns, primaryKey, indexes, others, strictRowIds);
  }

  /** Takes row ids from a counter in the inserting transaction. */
  public TableDefinition strictly() {
    return new TableDefinition(
        name, version, columns, primaryKey, indexes, counters, true);
  }

  /** Returns the column with this name. */
  public Optional<Column> find(String columnName) {
    return columns.stream().filter(column -> column.name().equals(columnName)).findFirst();
  }

  /** Returns the names of the columns. */
  public List<String> columnNames() {
    return columns.stream().map(Column::name).toList();
  }

  private static <T> List<T> with(List<T> list, T more) {
    return Stream.concat(list.stream(), Stream.of(more)).toList();
  }
}

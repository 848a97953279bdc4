package io.divan.record.query;

import io.divan.record.Index;
import io.divan.record.RecordType;
import io.divan.record.index.IndexHandle;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An order in which records of a type can be read: that of their primary keys, or of an index.
 *
 * @param type the type
 * @param index the index; empty for the primary keys
 * @param number the index's number; 0 for the primary keys
 * @param signature the index's signature; empty for the primary keys
 * @param columns the columns of the index, then the fields of the primary key
 */
record Path(
    RecordType type,
    Optional<Index.Value> index,
    int number,
    byte[] signature,
    List<Index.Column> columns) {

  /** The order of primary keys. */
  static Path keys(RecordType type) {
    return new Path(type, Optional.empty(), 0, new byte[0], keyColumns(type));
  }

  /** The order of an index. */
  static Path of(RecordType type, Index.Value index, IndexHandle handle) {
    List<Index.Column> columns = new ArrayList<>(index.columns());
    columns.addAll(keyColumns(type));
    return new Path(
        type, Optional.of(index), handle.number(), handle.signature(), List.copyOf(columns));
  }

  private static List<Index.Column> keyColumns(RecordType type) {
    return type.key().stream().map(Index.Column::asc).toList();
  }

  /** Returns the number of columns before those of the primary key. */
  int declared() {
    return columns.size() - type.key().size();
  }

  /** Returns whether the index has a row for each element of this column's field. */
  boolean isFanOut(int column) {
    return column < declared()
        && index.flatMap(Index.Value::fanOut).equals(Optional.of(columns.get(column).field()));
  }

  /** Returns whether no two records have the same declared columns. */
  boolean unique() {
    return index.map(Index.Value::unique).orElse(true);
  }

  /** Returns the fields that a row of the index holds. */
  Set<String> fields() {
    Set<String> fields = new LinkedHashSet<>(type.key());
    for (int i = 0; i < declared(); i++) {
      if (!isFanOut(i)) {
        fields.add(columns.get(i).field());
      }
    }
    index.ifPresent(value -> fields.addAll(value.covering()));
    return fields;
  }

  /**
   * Returns whether records can be read so without their rows in the table of records.
   *
   * @param needed the fields needed, or empty for the whole record
   */
  boolean covers(Optional<Set<String>> needed) {
    return index.isEmpty() || needed.isPresent() && fields().containsAll(needed.get());
  }

  @Override
  public String toString() {
    return index.map(value -> "index " + value.name()).orElse("records");
  }
}

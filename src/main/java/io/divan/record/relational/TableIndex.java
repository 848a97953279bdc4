package io.divan.record.relational;

import io.divan.record.Index;
import java.util.Arrays;
import java.util.List;

/**
 * A secondary index of a table.
 *
 * @param name its name, unique within the table
 * @param columns its columns, ascending or descending
 * @param unique whether no two rows may have the same columns; columns with null never collide
 * @param covering more columns that a query can read from the index
 */
public record TableIndex(
    String name, List<Index.Column> columns, boolean unique, List<String> covering) {
  public TableIndex {
    columns = List.copyOf(columns);
    covering = List.copyOf(covering);
  }

  /** Returns an index of ascending columns. */
  public static TableIndex of(String name, String... columns) {
    return new TableIndex(
        name, Arrays.stream(columns).map(Index.Column::asc).toList(), false, List.of());
  }

  /** Returns an index of columns. */
  public static TableIndex of(String name, Index.Column... columns) {
    return new TableIndex(name, List.of(columns), false, List.of());
  }

  /** Returns this index as a unique one. */
  public TableIndex uniquely() {
    return new TableIndex(name, columns, true, covering);
  }

  /** Returns this index with more columns that a query can read from it. */
  public TableIndex covers(String... more) {
    return new TableIndex(name, columns, unique, List.of(more));
  }
}

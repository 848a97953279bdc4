package io.divan.record.relational;

import java.util.Optional;

/**
 * A column whose rows are searched for null.
 *
 * @param table the number of the table
 * @param column the name of the column
 * @param position the continuation of the search; empty at its start
 * @param problem what it found, in words
 */
record Check(int table, String column, Optional<byte[]> position, Optional<String> problem) {

  /** Returns a check that has not started. */
  static Check of(int table, String column) {
    return new Check(table, column, Optional.empty(), Optional.empty());
  }

  boolean isOf(int otherTable, String otherColumn) {
    return table == otherTable && column.equals(otherColumn);
  }

  /** Returns whether this is a check of the same column. */
  boolean isSame(Check other) {
    return isOf(other.table, other.column);
  }
}

package io.divan.record.relational;

/**
 * A reference to a row of a table. Null refers to no row.
 *
 * @param table the table referred to, whose key is one column of the same type
 * @param onDelete what happens to a row if the row that it refers to is deleted
 */
public record ForeignKey(String table, OnDelete onDelete) {

  /** What happens to rows that refer to a deleted row. */
  public enum OnDelete {
    /** The deletion is refused. */
    RESTRICT,
    /** They are deleted, too. */
    CASCADE
  }
}

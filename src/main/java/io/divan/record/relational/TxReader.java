package io.divan.record.relational;

import java.util.Optional;

/** Reads from one snapshot. */
public interface TxReader {
  /** Returns the row with this key. */
  Optional<Row> selectByKey(String table, Object... key);

  /** Returns all rows of a table, to be narrowed and read. */
  Selection select(String table);

  /** Returns the number of rows of a table, from a counter. */
  long count(String table);
}

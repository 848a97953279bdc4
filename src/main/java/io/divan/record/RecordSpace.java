package io.divan.record;

import io.divan.record.index.IndexSpace;
import io.divan.storage.Table;

/**
 * The part of a table that holds records and their indexes. Several record stores share a table
 * under different prefixes, of which none begins with another one.
 *
 * @param table the table
 * @param prefix the bytes before all keys, possibly none
 */
public record RecordSpace(Table table, byte[] prefix) {
  public RecordSpace {
    prefix = prefix.clone();
  }

  /** The whole table of records. */
  public static RecordSpace whole() {
    return new RecordSpace(IndexSpace.RECORDS, new byte[0]);
  }

  /** Returns the same space as the engine of indexes has it. */
  public IndexSpace indexes() {
    return new IndexSpace(table, prefix);
  }
}

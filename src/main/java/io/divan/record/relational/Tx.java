package io.divan.record.relational;

import java.util.Map;

/**
 * A serializable transaction. It sees its own changes. A failed change ends the transaction, even
 * if the caller catches the exception. Duplicate keys and unique indexes are checked together,
 * before the commit or before a query. Only the thread that runs the work uses it, and only until
 * the work returns.
 */
public interface Tx extends TxReader {

  /**
   * Inserts a row. Columns without a value get their default.
   *
   * @return the row; its {@link TableDefinition#ROW_ID} can be read from it
   * @throws RelationalException.DuplicateKey if the key exists; possibly later
   * @throws RelationalException.NotUnique if a unique index has the columns; possibly later
   * @throws RelationalException.ForeignKeyMissing if it refers to a row that does not exist
   */
  Row insert(String table, Map<String, ?> values);

  /** Inserts a row in place of the one with the same key, if there is one. */
  Row insertOrReplace(String table, Map<String, ?> values);

  /**
   * Changes columns of rows.
   *
   * @return the number of rows
   * @throws RelationalException.StillReferenced if a row refers to a key that would change
   */
  long update(String table, Where where, Map<String, ?> values);

  /**
   * Deletes rows, and those that refer to them by a cascade.
   *
   * @return the number of rows without those of cascades
   * @throws RelationalException.StillReferenced if another row that stays refers to one of them
   */
  long delete(String table, Where where);

  /**
   * Creates a table, which this transaction can use at once; see {@link
   * RelationalDatabase#createTable}.
   */
  void createTable(TableDefinition table);

  /**
   * Changes the definition of a table, for the rest of this transaction, too; see {@link
   * RelationalDatabase#alterTable(TableDefinition)}.
   */
  void alterTable(TableDefinition table);

  /** Removes a table; see {@link RelationalDatabase#dropTable}. */
  void dropTable(String table);
}

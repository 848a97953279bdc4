package io.divan.redb;

import java.util.List;

/**
 * A read transaction: a snapshot of the database that lasts until it is closed. Used by one thread
 * at a time. The pages of a snapshot are not reused while it is open, so a long transaction costs
 * space.
 */
public interface ReadTxn extends AutoCloseable {

  /**
   * Opens a table.
   *
   * @throws RedbException.TableErrorError if the table does not exist, or if its types differ
   */
  <K, V> ReadableTable<K, V> open(TableDefinition<K, V> definition);

  /** Returns all tables, ordered by name. */
  List<TableInfo> tables();

  /** Returns the number of the commit that this transaction sees. */
  long version();

  @Override
  void close();
}

package io.divan.redb;

import java.util.List;

/**
 * One state of the database, which lasts until it is closed; for one thread at a time. Pages that
 * it may see are not used again while it is open: that costs space, never correctness.
 */
public interface ReadTransaction extends AutoCloseable {

  /**
   * A table.
   *
   * @throws RedbException.Table when it is not there, or has other types
   */
  <K, V> ReadableTable<K, V> open(TableDefinition<K, V> definition);

  /** All tables, by name. */
  List<TableInfo> tables();

  /** The number of the commit it sees. */
  long version();

  @Override
  void close();
}

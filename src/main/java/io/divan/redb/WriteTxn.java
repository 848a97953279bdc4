package io.divan.redb;

import java.util.List;

/**
 * A write transaction: its changes take effect together on commit, or not at all. There is one at a
 * time. Used by one thread at a time. Closing it without a commit rolls it back.
 */
public interface WriteTxn extends AutoCloseable {

  /** A state within the transaction to which it can roll back. */
  interface Savepoint {}

  /** Opens a table and creates it if it does not exist. Valid until the transaction ends. */
  <K, V> RedbTable<K, V> open(TableDefinition<K, V> definition);

  /** Returns all tables, ordered by name. */
  List<TableInfo> tables();

  /**
   * Renames a table.
   *
   * @throws RedbException.TableErrorError if the table does not exist, or if the new name is taken
   */
  void rename(String from, String to);

  /** Deletes a table. Returns whether it existed. */
  boolean delete(String name);

  /** Creates a savepoint. Savepoints are nested: only the latest can be rolled back or released. */
  Savepoint savepoint();

  /** Rolls back to the latest savepoint and removes it. Tables opened since then are closed. */
  void rollbackTo(Savepoint savepoint);

  /** Removes the latest savepoint and keeps the changes since then. */
  void release(Savepoint savepoint);

  /**
   * Makes all changes visible, and durable with one sync of the file.
   *
   * @throws RedbException.Failed if the disk fails; reopen the database to find out whether the
   *     commit took effect
   */
  void commit();

  /**
   * Makes all changes visible at once. They become durable with the next {@link #commit}; a crash
   * before it loses them as a whole.
   */
  void commitWithoutSync();

  /** Returns the number that the commit will have. */
  long version();

  /** Rolls back, unless committed. */
  @Override
  void close();
}

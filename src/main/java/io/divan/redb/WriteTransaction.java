package io.divan.redb;

import java.util.List;

/**
 * Changes that take effect together when they are committed, or never; there is one at a time. For
 * one thread at a time. Closing one that is not committed rolls it back.
 */
public interface WriteTransaction extends AutoCloseable {

  /** A state within the transaction to which it can go back. */
  interface Mark {}

  /** A table, made where it is not there; closed with the transaction. */
  <K, V> Table<K, V> open(TableDefinition<K, V> definition);

  /** All tables, by name. */
  List<TableInfo> tables();

  /**
   * Gives a table another name.
   *
   * @throws RedbException.Table when there is none of that name, or one of the new name
   */
  void rename(String from, String to);

  /** Deletes a table, and says whether it was there. */
  boolean delete(String name);

  /** Marks the state of now. Marks are nested: the latest is rolled back to, or kept. */
  Mark mark();

  /** Goes back to the latest mark and takes it away; tables that were opened since are closed. */
  void rollbackTo(Mark mark);

  /** Takes the latest mark away and keeps what was done since. */
  void keep(Mark mark);

  /**
   * Makes all changes visible, and durable with one sync of the file.
   *
   * @throws RedbException.Failed when the disk fails; whether it was committed is found out by
   *     opening the database again
   */
  void commit();

  /**
   * Makes all changes visible at once, and durable with the next {@link #commit}: a crash before
   * that one loses them, whole.
   */
  void commitWithoutSync();

  /** The number that the commit will have. */
  long version();

  /** Undoes everything, where it is not committed. */
  @Override
  void close();
}

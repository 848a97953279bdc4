package io.divan.storage.redb;

import io.divan.redb.ReadableTable;
import io.divan.redb.RedbException;
import io.divan.redb.TableDefinition;
import io.divan.redb.WriteTxn;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A write transaction of the engine, and its tables as they are asked for. For one thread.
 *
 * <ol>
 *   <li>Once the engine has thrown, nothing more is done: what it threw is thrown again, until the
 *       transaction is begun anew. So work that swallows an exception writes nothing.
 *   <li>A table is opened once in a transaction; going back to a mark forgets those opened since.
 *   <li>Reading makes no table.
 * </ol>
 */
final class EngineWrite extends EngineTables implements AutoCloseable {

  /** A state to go back to. */
  record Mark(WriteTxn.Savepoint mark, int tables) {}

  private record Opened(String name, io.divan.redb.RedbTable<byte[], byte[]> table) {}

  private final OpenRedb open;
  private final List<Opened> tables = new ArrayList<>();
  private WriteTxn transaction;
  private @Nullable RuntimeException failure;

  /** Begins a transaction; there is no other. */
  EngineWrite(OpenRedb open) {
    this.open = open;
    try {
      this.transaction = open.redb().beginWrite();
    } catch (RedbException e) {
      throw RedbErrors.map(e, open.file());
    }
  }

  OpenRedb open() {
    return open;
  }

  /** What made this transaction unusable, if anything. */
  Optional<RuntimeException> failure() {
    return Optional.ofNullable(failure);
  }

  /** Throws what made this transaction unusable. */
  void checkUsable() {
    if (failure != null) {
      throw failure;
    }
  }

  /** Remembers what the engine threw, and answers what it means. */
  @Override
  RuntimeException failed(RedbException e) {
    failure = RedbErrors.map(e, open.file());
    return failure;
  }

  @Override
  @Nullable
  ReadableTable<byte[], byte[]> readable(String name) {
    checkUsable();
    io.divan.redb.RedbTable<byte[], byte[]> known = find(name);
    return known == null && open.mayHave(name) ? writable(name) : known;
  }

  /** A table, made where it is not there. */
  io.divan.redb.RedbTable<byte[], byte[]> writable(String name) {
    checkUsable();
    io.divan.redb.RedbTable<byte[], byte[]> known = find(name);
    if (known != null) {
      return known;
    }
    try {
      open.willHave(name);
      io.divan.redb.RedbTable<byte[], byte[]> table = transaction.open(TableDefinition.bytes(name));
      tables.add(new Opened(name, table));
      return table;
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  private io.divan.redb.@Nullable RedbTable<byte[], byte[]> find(String name) {
    for (int i = 0; i < tables.size(); i++) {
      if (tables.get(i).name.equals(name)) {
        return tables.get(i).table;
      }
    }
    return null;
  }

  void put(Table table, byte[] key, byte[] value) {
    try {
      writable(table.name()).put(key, value);
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  void remove(Table table, byte[] key) {
    try {
      if (readable(table.name()) != null) {
        writable(table.name()).remove(key);
      }
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  void remove(Range range) {
    try {
      if (!range.isEmpty() && readable(range.table().name()) != null) {
        writable(range.table().name()).removeRange(Optional.of(range.begin()), range.end());
      }
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  /** Writes a row of the adapter's own. */
  void write(EngineRow row, long number) {
    try {
      row.write(writable(EngineRow.TABLE), number);
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  Mark mark() {
    try {
      return new Mark(transaction.savepoint(), tables.size());
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  void keep(Mark mark) {
    try {
      transaction.release(mark.mark);
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  void rollbackTo(Mark mark) {
    try {
      transaction.rollbackTo(mark.mark);
      tables.subList(mark.tables, tables.size()).clear();
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  /** Undoes everything and begins anew. */
  void restart() {
    close();
    failure = null;
    try {
      transaction = open.redb().beginWrite();
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  /** The number that the commit will have. */
  long version() {
    return transaction.version();
  }

  /**
   * Makes everything durable and visible.
   *
   * @throws StorageException.StoreFull when nothing was committed for want of space
   */
  void commit() {
    try {
      transaction.commit();
      tables.clear();
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  /** Ends the transaction; undoes everything where it is not committed. */
  @Override
  public void close() {
    tables.clear();
    try {
      transaction.close();
    } catch (RedbException e) {
      throw failed(e);
    }
  }
}

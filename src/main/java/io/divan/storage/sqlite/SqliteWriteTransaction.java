package io.divan.storage.sqlite;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.embedded.BaseWriteTransaction;
import java.util.Optional;

/**
 * One member of a group. The first member that writes needs no savepoint: to undo it, the whole
 * transaction is rolled back and begun again. Later members set a savepoint before their first
 * write.
 */
final class SqliteWriteTransaction extends BaseWriteTransaction {

  final SqliteConnection connection;
  private final SqliteGroup group;
  private final int tablesBefore;
  private boolean savepoint;

  SqliteWriteTransaction(SqliteGroup group) {
    super(group);
    this.connection = group.connection;
    this.group = group;
    this.tablesBefore = connection.tablesCreated();
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return connection.get(table, key);
  }

  @Override
  protected Page scan(Range range, long bytesMax, boolean alwaysFirst) {
    return connection.scan(range, bytesMax, alwaysFirst);
  }

  @Override
  protected void write(Table table, byte[] key, byte[] value) {
    connection.put(table, key, value);
  }

  @Override
  protected void remove(Table table, byte[] key) {
    connection.delete(table, key);
  }

  @Override
  protected void remove(Range range) {
    connection.deleteRange(range);
  }

  @Override
  protected void writeConfigVersion(long configVersion) {
    SqliteFileRows.CONFIG_VERSION.write(connection, configVersion);
  }

  /** Writes one of the rows about the file itself. */
  void write(SqliteFileRows row, long value) {
    beforeWrite();
    row.write(connection, value);
  }

  @Override
  protected void checkUsable() {
    connection.checkUsable();
  }

  @Override
  protected void keepWrites() {
    if (savepoint) {
      connection.execute("RELEASE member");
    }
  }

  @Override
  public boolean rollback() {
    closeWatches();
    RuntimeException failure = connection.failure().orElse(null);
    if (failure instanceof StorageException.StoreUnavailable
        || failure instanceof StorageException.StoreUnusable) {
      throw failure;
    }
    if (failure != null) {
      connection.recover();
    }
    boolean alone = !wrote() || undo(failure != null);
    if (connection.tablesCreated() != tablesBefore) {
      connection.forgetTables();
    }
    return alone;
  }

  private boolean undo(boolean mayHaveEnded) {
    if (!savepoint) {
      if (mayHaveEnded) {
        connection.rollbackIfAny();
      } else {
        connection.execute("ROLLBACK");
      }
      connection.execute("BEGIN IMMEDIATE");
      return true;
    }
    try {
      connection.execute("ROLLBACK TO member");
      connection.execute("RELEASE member");
      return true;
    } catch (IllegalStateException e) {
      // The savepoint no longer exists: SQLite has ended the transaction.
      connection.recover();
      return false;
    }
  }

  @Override
  protected void beforeFirstWrite() {
    if (group.wrote()) {
      connection.execute("SAVEPOINT member");
      savepoint = true;
    }
  }
}

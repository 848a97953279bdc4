package io.divan.storage.sqlite;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.embedded.BaseReadTransaction;
import io.divan.storage.embedded.WatchRegistry;
import java.util.Optional;

/** The reads of one transaction on a connection. */
final class SqliteReadTransaction extends BaseReadTransaction {
  final SqliteConnection connection;

  /**
   * Creates a transaction.
   *
   * @param mark a mark of the registry, taken before the connection's transaction began
   */
  SqliteReadTransaction(SqliteConnection connection, WatchRegistry registry, long mark) {
    super(registry, mark);
    this.connection = connection;
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
  public Versionstamp configVersion() {
    return new Versionstamp(SqliteFileRows.CONFIG_VERSION.read(connection), 0, 0);
  }
}

package io.divan.storage.redb;

import io.divan.redb.ReadTxn;
import io.divan.redb.ReadableTable;
import io.divan.redb.RedbException;
import io.divan.redb.TableDefinition;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.embedded.BaseReadTransaction;
import io.divan.storage.embedded.WatchRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A read transaction of the engine. Opens tables as they are read. For one thread. */
final class RedbReadTransaction extends BaseReadTransaction implements RedbTables, AutoCloseable {
  private final OpenRedb open;
  private final ReadTxn transaction;
  private final Map<String, ReadableTable<byte[], byte[]>> tables = new HashMap<>(4);

  /** Begins a transaction. */
  RedbReadTransaction(OpenRedb open, WatchRegistry registry) {
    super(registry, registry.mark());
    this.open = open;
    try {
      this.transaction = open.redb().beginRead();
    } catch (RedbException e) {
      throw RedbErrors.map(e, open.file());
    }
  }

  @Override
  public RuntimeException storageException(RedbException e) {
    return RedbErrors.map(e, open.file());
  }

  @Override
  public @Nullable ReadableTable<byte[], byte[]> readable(String name) {
    ReadableTable<byte[], byte[]> known = tables.get(name);
    if (known != null || !open.mayHave(name)) {
      return known;
    }
    try {
      ReadableTable<byte[], byte[]> table = transaction.open(TableDefinition.bytes(name));
      tables.put(name, table);
      return table;
    } catch (RedbException.TableError e) {
      if (transaction.tables().stream().anyMatch(table -> table.name().equals(name))) {
        throw e;
      }
      return null; // created after this snapshot, or not committed
    }
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return value(table, key);
  }

  @Override
  protected Page scan(Range range, long bytesMax, boolean alwaysFirst) {
    return page(range, bytesMax, alwaysFirst);
  }

  /** Reads the row only if the configuration has changed since this transaction began. */
  @Override
  public Versionstamp configVersion() {
    OpenRedb.ConfigVersion newest = open.config();
    return new Versionstamp(
        transaction.version() >= newest.commit()
            ? newest.value()
            : read(RedbFileRow.CONFIG_VERSION),
        0,
        0);
  }

  /** Returns the number in one of the adapter's own rows, 0 if it is missing. */
  long read(RedbFileRow row) {
    try {
      return row.read(readable(RedbFileRow.TABLE));
    } catch (RedbException e) {
      throw storageException(e);
    }
  }

  @Override
  public void close() {
    try {
      transaction.close();
    } catch (RedbException e) {
      throw storageException(e);
    }
  }
}

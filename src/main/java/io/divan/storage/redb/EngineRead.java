package io.divan.storage.redb;

import io.divan.redb.ReadTxn;
import io.divan.redb.ReadableTable;
import io.divan.redb.RedbException;
import io.divan.redb.TableDefinition;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A read transaction of the engine, and its tables as they are asked for. For one thread. */
final class EngineRead extends EngineTables implements AutoCloseable {
  private final OpenRedb open;
  private final ReadTxn transaction;
  private final Map<String, ReadableTable<byte[], byte[]>> tables = new HashMap<>(4);

  /** Begins a transaction. */
  EngineRead(OpenRedb open) {
    this.open = open;
    try {
      this.transaction = open.redb().beginRead();
    } catch (RedbException e) {
      throw RedbErrors.map(e, open.file());
    }
  }

  @Override
  RuntimeException failed(RedbException e) {
    return RedbErrors.map(e, open.file());
  }

  @Override
  @Nullable
  ReadableTable<byte[], byte[]> readable(String name) {
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
      return null; // made after this snapshot, or not committed
    }
  }

  /** The versionstamp of the last change of the configuration; mostly reads nothing. */
  long configVersion() {
    OpenRedb.ConfigVersion newest = open.config();
    return transaction.version() >= newest.commit()
        ? newest.value()
        : read(EngineRow.CONFIG_VERSION);
  }

  /** The number of a row of the adapter's own; 0 where there is none. */
  long read(EngineRow row) {
    try {
      return row.read(readable(EngineRow.TABLE));
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    try {
      transaction.close();
    } catch (RedbException e) {
      throw failed(e);
    }
  }
}

package io.divan.storage.sqlite;

import io.divan.storage.Limits;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.SingleWriter;
import io.divan.storage.Stamp;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.WatchRegistry;
import io.divan.storage.WriteTransaction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * One member of a group. As members run one after another, its versionstamp is known while it runs.
 *
 * <ol>
 *   <li>The first member that writes needs no savepoint: undoing it is undoing the transaction,
 *       which is then begun again. Those after it set one before their first write.
 *   <li>Keys written are touched before they are written, and belong to the group once kept.
 * </ol>
 */
final class SqliteWriteTransaction extends SqliteReadTransaction
    implements WriteTransaction, SingleWriter.Member {

  private final SqliteGroup group;
  private final WatchRegistry.Touched touched = new WatchRegistry.Touched();
  private final int tablesBefore;
  private boolean wrote;
  private boolean savepoint;
  private long version;
  private int stamps;
  private long bytes;

  SqliteWriteTransaction(SqliteGroup group) {
    super(group.connection, group.registry, group.registry.mark());
    this.group = group;
    this.tablesBefore = group.connection.tablesCreated();
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    beforeWrite();
    touched.add(table, key);
    connection.put(table, key, value);
    bytes += Limits.writeBytes(key.length, value.length);
  }

  @Override
  public void delete(Table table, byte[] key) {
    beforeWrite();
    touched.add(table, key);
    connection.delete(table, key);
    bytes += Limits.writeBytes(key.length, 0);
  }

  @Override
  public void deleteRange(Range range) {
    beforeWrite();
    touched.addAll(range.table());
    connection.deleteRange(range);
    bytes += Limits.scanBytes(range);
  }

  @Override
  public void add(Table table, byte[] key, long delta) {
    byte[] sum = new byte[Long.BYTES];
    connection
        .get(table, key)
        .ifPresent(
            value -> System.arraycopy(value, 0, sum, 0, Math.min(value.length, Long.BYTES)));
    ByteBuffer number = ByteBuffer.wrap(sum).order(ByteOrder.LITTLE_ENDIAN);
    number.putLong(0, number.getLong(0) + delta);
    put(table, key, sum);
  }

  @Override
  public Stamp stamp() {
    if (stamps == STAMPS_MAX) {
      throw new IllegalStateException("A transaction has at most " + STAMPS_MAX + " stamps");
    }
    return new Stamp(stamps++);
  }

  @Override
  public void putStampedKey(Table table, byte[] prefix, Stamp stamp, byte[] suffix, byte[] value) {
    put(table, stamped(prefix, stamp, suffix), value);
  }

  @Override
  public void putStampedValue(Table table, byte[] key, byte[] prefix, Stamp stamp, byte[] suffix) {
    put(table, key, stamped(prefix, stamp, suffix));
  }

  @Override
  public ReadTransaction snapshot() {
    return this;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void bumpConfigVersion() {
    write(EngineRows.CONFIG_VERSION, version());
  }

  /** Writes a row of the engine's own. */
  void write(EngineRows row, long value) {
    beforeWrite();
    row.write(connection, value);
  }

  @Override
  public WriteTransaction transaction() {
    return this;
  }

  @Override
  public Optional<Versionstamp> keep() {
    connection.checkUsable();
    if (!wrote) {
      return Optional.empty();
    }
    if (savepoint) {
      connection.execute("RELEASE member");
    }
    group.kept(touched, version());
    return Optional.of(new Versionstamp(version(), 0, 0));
  }

  @Override
  public boolean rollback() {
    closeWatches();
    RuntimeException failure = connection.failure().orElse(null);
    if (failure instanceof StorageException.StoreUnavailable) {
      throw failure;
    }
    if (failure != null) {
      connection.recover();
    }
    boolean alone = !wrote || undo(failure != null);
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
      // There is no such savepoint any more: SQLite has ended the transaction.
      connection.recover();
      return false;
    }
  }

  private void beforeWrite() {
    if (!wrote) {
      if (group.wrote()) {
        connection.execute("SAVEPOINT member");
        savepoint = true;
      }
      wrote = true;
    }
  }

  private long version() {
    if (version == 0) {
      version = group.stamps.next();
    }
    return version;
  }

  private byte[] stamped(byte[] prefix, Stamp stamp, byte[] suffix) {
    int suffixAt = prefix.length + Versionstamp.LENGTH;
    byte[] bytes = Arrays.copyOf(prefix, suffixAt + suffix.length);
    byte[] middle = new Versionstamp(version(), 0, stamp.position()).toBytes();
    System.arraycopy(middle, 0, bytes, prefix.length, middle.length);
    System.arraycopy(suffix, 0, bytes, suffixAt, suffix.length);
    return bytes;
  }
}

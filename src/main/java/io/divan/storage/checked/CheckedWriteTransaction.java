package io.divan.storage.checked;

import io.divan.storage.Limits;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Stamp;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import org.jspecify.annotations.Nullable;

/** A write transaction that keeps the limits and never reads the rows it has stamped. */
final class CheckedWriteTransaction extends CheckedReadTransaction implements WriteTransaction {

  private final WriteTransaction transaction;
  private long bytes;
  private int stamps;
  private boolean configBumped;

  /** Null until a row is stamped; most transactions stamp none. */
  private @Nullable StampedRows stamped;

  CheckedWriteTransaction(WriteTransaction transaction) {
    super(transaction);
    this.transaction = transaction;
  }

  @Override
  void requireReadable(Table table, byte[] key) {
    if (stamped != null && stamped.contains(table, key)) {
      throw unreadable();
    }
  }

  @Override
  void requireReadable(Range range) {
    if (stamped != null && stamped.touches(range)) {
      throw unreadable();
    }
  }

  private static IllegalStateException unreadable() {
    return new IllegalStateException(
        "A transaction cannot read a row that it has stamped");
  }

  @Override
  void count(long more) {
    if (bytes + more > Limits.TRANSACTION_BYTES_MAX) {
      throw new StorageException.LimitExceeded(Limits.Limit.TRANSACTION, bytes + more);
    }
    bytes += more;
  }

  private void checkWrite(int keyBytes, int valueBytes) {
    checkUse();
    checkKey(keyBytes);
    if (valueBytes > Limits.VALUE_BYTES_MAX) {
      throw new StorageException.LimitExceeded(Limits.Limit.VALUE, valueBytes);
    }
    count(Limits.writeBytes(keyBytes, valueBytes));
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    checkWrite(key.length, value.length);
    transaction.put(table, key, value);
  }

  @Override
  public void delete(Table table, byte[] key) {
    checkWrite(key.length, 0);
    transaction.delete(table, key);
  }

  @Override
  public void deleteRange(Range range) {
    checkUse();
    checkBounds(range);
    count(Limits.scanBytes(range));
    transaction.deleteRange(range);
  }

  @Override
  public void add(Table table, byte[] key, long delta) {
    checkUse();
    requireReadable(table, key);
    checkWrite(key.length, Long.BYTES);
    transaction.add(table, key, delta);
  }

  @Override
  public Stamp stamp() {
    checkUse();
    if (stamps == STAMPS_MAX) {
      throw new IllegalStateException(
          "A transaction can allocate at most " + STAMPS_MAX + " stamps");
    }
    stamps++;
    return transaction.stamp();
  }

  @Override
  public void putStampedKey(
      Table table, byte[] prefix, Stamp stamp, byte[] suffix, byte[] value) {
    checkStamp(stamp);
    checkWrite(prefix.length + Versionstamp.LENGTH + suffix.length, value.length);
    stampedRows().addPrefix(table, prefix);
    transaction.putStampedKey(table, prefix, stamp, suffix, value);
  }

  @Override
  public void putStampedValue(
      Table table, byte[] key, byte[] prefix, Stamp stamp, byte[] suffix) {
    checkStamp(stamp);
    checkWrite(key.length, prefix.length + Versionstamp.LENGTH + suffix.length);
    stampedRows().addKey(table, key);
    transaction.putStampedValue(table, key, prefix, stamp, suffix);
  }

  private void checkStamp(Stamp stamp) {
    if (stamp.position() < 0 || stamp.position() >= stamps) {
      throw new IllegalStateException(
          "A stamp can be used only in the transaction that allocated it");
    }
  }

  private StampedRows stampedRows() {
    if (stamped == null) {
      stamped = new StampedRows();
    }
    return stamped;
  }

  @Override
  public ReadTransaction snapshot() {
    checkUse();
    return new SnapshotReads(transaction.snapshot());
  }

  /** Returns the size of the transaction so far, by the formula of {@link Limits}; for tests. */
  long bytes() {
    return bytes;
  }

  @Override
  public Versionstamp configVersion() {
    requireConfigReadable();
    return super.configVersion();
  }

  private void requireConfigReadable() {
    if (configBumped) {
      throw unreadable();
    }
  }

  @Override
  public void bumpConfigVersion() {
    checkUse();
    configBumped = true;
    transaction.bumpConfigVersion();
  }

  /** Reads without conflicts. They do not count, but cannot read stamped rows either. */
  private final class SnapshotReads extends CheckedReads {
    SnapshotReads(ReadTransaction snapshot) {
      super(snapshot);
    }

    @Override
    void checkUse() {
      CheckedWriteTransaction.this.checkUse();
    }

    @Override
    void requireReadable(Table table, byte[] key) {
      CheckedWriteTransaction.this.requireReadable(table, key);
    }

    @Override
    void requireReadable(Range range) {
      CheckedWriteTransaction.this.requireReadable(range);
    }

    @Override
    public Versionstamp configVersion() {
      requireConfigReadable();
      return super.configVersion();
    }
  }
}

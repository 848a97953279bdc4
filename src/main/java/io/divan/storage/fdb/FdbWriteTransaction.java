package io.divan.storage.fdb;

import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.Transaction;
import io.divan.storage.Limits;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Stamp;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One attempt at a write transaction on one database. */
final class FdbWriteTransaction extends FdbReads implements WriteTransaction {
  private final Transaction transaction;
  private int stamps;

  FdbWriteTransaction(Attempt attempt, Shared shared, Versionstamp configVersion) {
    super(attempt, attempt.transaction(), shared, configVersion);
    this.transaction = attempt.transaction();
  }

  @Override
  void count(long boundsBytes, int prefixBytes) {
    attempt.countRange(boundsBytes, prefixBytes);
  }

  private byte[] writeKey(Table table, byte[] key, int valueBytes) {
    attempt.countWrite(key.length, valueBytes, shared.space().tableBytes(table));
    return shared.space().key(table, key);
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    transaction.set(writeKey(table, key, value.length), value);
  }

  @Override
  public void delete(Table table, byte[] key) {
    transaction.clear(writeKey(table, key, 0));
  }

  @Override
  public void deleteRange(Range range) {
    attempt.countDelete(Limits.scanBytes(range), shared.space().tableBytes(range.table()));
    if (!range.isEmpty()) {
      transaction.clear(shared.space().begin(range), shared.space().end(range));
    }
  }

  @Override
  public void add(Table table, byte[] key, long delta) {
    byte[] number =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(delta).array();
    transaction.mutate(MutationType.ADD, writeKey(table, key, Long.BYTES), number);
  }

  @Override
  public Stamp stamp() {
    return new Stamp(stamps++);
  }

  @Override
  public void putStampedKey(
      Table table, byte[] prefix, Stamp stamp, byte[] suffix, byte[] value) {
    int keyBytes = prefix.length + Versionstamp.LENGTH + suffix.length;
    attempt.countWrite(keyBytes, value.length, shared.space().tableBytes(table));
    byte[] before = shared.space().key(table, prefix);
    transaction.mutate(
        MutationType.SET_VERSIONSTAMPED_KEY, stamped(before, stamp, suffix), value);
  }

  @Override
  public void putStampedValue(
      Table table, byte[] key, byte[] prefix, Stamp stamp, byte[] suffix) {
    int valueBytes = prefix.length + Versionstamp.LENGTH + suffix.length;
    transaction.mutate(
        MutationType.SET_VERSIONSTAMPED_VALUE,
        writeKey(table, key, valueBytes),
        stamped(prefix, stamp, suffix));
  }

  /** A placeholder for the stamp between two parts, followed by the offset of the placeholder. */
  private static byte[] stamped(byte[] before, Stamp stamp, byte[] after) {
    int length = before.length + Attempt.STAMP_BYTES + after.length + Attempt.OFFSET_BYTES;
    return ByteBuffer.allocate(length)
        .put(before)
        .put(new byte[Attempt.STAMP_BYTES - Short.BYTES])
        .putShort((short) stamp.position())
        .put(after)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(before.length)
        .array();
  }

  @Override
  public ReadTransaction snapshot() {
    return new FdbReads(attempt, transaction.snapshot(), shared, configVersion());
  }

  @Override
  public void bumpConfigVersion() {
    attempt.setVersionstamp(shared.space().versionKey());
    attempt.bumpMetadataVersion();
  }
}

package io.divan.storage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The only write transaction of a {@link ReferenceStore}. It works on copies of the tables. */
final class ReferenceWriteTransaction extends ReferenceTransaction implements WriteTransaction {

  private final ReferenceStore.State base;
  private final Versionstamp versionstamp;
  private final Map<Integer, NavigableMap<byte[], byte[]>> changed = new HashMap<>();
  private boolean written;
  private boolean configBumped;
  private int stamps;

  ReferenceWriteTransaction(
      ReferenceStore store, ReferenceStore.State base, long commitVersion) {
    super(store, base);
    this.base = base;
    this.versionstamp = new Versionstamp(commitVersion, 0, 0);
  }

  @Override
  NavigableMap<byte[], byte[]> rows(Table table) {
    NavigableMap<byte[], byte[]> rows = changed.get(table.number());
    return rows == null ? base.table(table) : rows;
  }

  private NavigableMap<byte[], byte[]> writable(Table table) {
    written = true;
    return changed.computeIfAbsent(table.number(), number -> new TreeMap<>(base.table(table)));
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    writable(table).put(key.clone(), value.clone());
  }

  @Override
  public void delete(Table table, byte[] key) {
    writable(table).remove(key);
  }

  @Override
  public void deleteRange(Range range) {
    within(writable(range.table()), range).clear();
  }

  @Override
  public void add(Table table, byte[] key, long delta) {
    ByteBuffer sum = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    byte[] old = rows(table).get(key);
    byte[] number = old == null ? new byte[Long.BYTES] : Arrays.copyOf(old, Long.BYTES);
    long before = ByteBuffer.wrap(number).order(ByteOrder.LITTLE_ENDIAN).getLong();
    put(table, key, sum.putLong(before + delta).array());
  }

  @Override
  public Stamp stamp() {
    return new Stamp(stamps++);
  }

  @Override
  public void putStampedKey(
      Table table, byte[] prefix, Stamp stamp, byte[] suffix, byte[] value) {
    put(table, stamped(prefix, stamp, suffix), value);
  }

  @Override
  public void putStampedValue(
      Table table, byte[] key, byte[] prefix, Stamp stamp, byte[] suffix) {
    put(table, key, stamped(prefix, stamp, suffix));
  }

  private byte[] stamped(byte[] prefix, Stamp stamp, byte[] suffix) {
    return ByteBuffer.allocate(prefix.length + Versionstamp.LENGTH + suffix.length)
        .put(prefix)
        .put(versionstamp.at(stamp.position()).toBytes())
        .put(suffix)
        .array();
  }

  /** Returns this transaction: with one writer at a time, no read can conflict. */
  @Override
  public ReadTransaction snapshot() {
    return this;
  }

  @Override
  public void bumpConfigVersion() {
    written = true;
    configBumped = true;
  }

  boolean hasWritten() {
    return written;
  }

  Optional<Versionstamp> versionstamp() {
    return written ? Optional.of(versionstamp) : Optional.empty();
  }

  ReferenceStore.State newState() {
    Map<Integer, NavigableMap<byte[], byte[]>> tables = new HashMap<>(base.tables());
    tables.putAll(changed);
    return new ReferenceStore.State(tables, configBumped ? versionstamp : base.configVersion());
  }
}

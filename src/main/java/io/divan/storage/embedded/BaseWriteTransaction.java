package io.divan.storage.embedded;

import io.divan.storage.Limits;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Stamp;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * A member of a {@link BaseGroup}. Members run one after another, so the versionstamp of a member
 * is known while it runs. For one thread.
 */
public abstract class BaseWriteTransaction extends BaseReadTransaction
    implements WriteTransaction, WriterEngine.Member {

  private final BaseGroup group;
  private long version;
  private int stamps;
  private long bytes;
  private boolean wrote;
  private boolean configChanged;

  /** Creates a member. The previous one has ended. */
  protected BaseWriteTransaction(BaseGroup group) {
    super(group.registry, group.registry.mark());
    this.group = group;
  }

  /** Called before the first write, so that this member alone can be undone. */
  protected abstract void beforeFirstWrite();

  /** Throws if the engine refused one of this member's operations. */
  protected abstract void checkUsable();

  /** Keeps the writes of this member in the group's transaction. There is at least one. */
  protected abstract void keepWrites();

  /** Sets the value of a key. */
  protected abstract void write(Table table, byte[] key, byte[] value);

  /** Removes a key if it exists. */
  protected abstract void remove(Table table, byte[] key);

  /** Removes the keys within the bounds of a range. */
  protected abstract void remove(Range range);

  /** Writes the configuration version, which is no row of a table. */
  protected abstract void writeConfigVersion(long configVersion);

  /** Returns whether this member has written. */
  protected final boolean wrote() {
    return wrote;
  }

  /** Called before each write that does not go through this class. */
  protected final void beforeWrite() {
    if (!wrote) {
      beforeFirstWrite();
      wrote = true;
    }
  }

  private long version() {
    if (version == 0) {
      version = group.stamps.next();
    }
    return version;
  }

  @Override
  public final void put(Table table, byte[] key, byte[] value) {
    beforeWrite();
    group.touched.add(table, key);
    write(table, key, value);
    bytes += Limits.writeBytes(key.length, value.length);
  }

  @Override
  public final void delete(Table table, byte[] key) {
    beforeWrite();
    group.touched.add(table, key);
    remove(table, key);
    bytes += Limits.writeBytes(key.length, 0);
  }

  @Override
  public final void deleteRange(Range range) {
    beforeWrite();
    group.touched.addAll(range.table());
    remove(range);
    bytes += Limits.scanBytes(range);
  }

  @Override
  public final void add(Table table, byte[] key, long delta) {
    byte[] sum = new byte[Long.BYTES];
    get(table, key)
        .ifPresent(
            value -> System.arraycopy(value, 0, sum, 0, Math.min(value.length, Long.BYTES)));
    ByteBuffer number = ByteBuffer.wrap(sum).order(ByteOrder.LITTLE_ENDIAN);
    number.putLong(0, number.getLong(0) + delta);
    put(table, key, sum);
  }

  @Override
  public final Stamp stamp() {
    return new Stamp(stamps++);
  }

  @Override
  public final void putStampedKey(
      Table table, byte[] prefix, Stamp stamp, byte[] suffix, byte[] value) {
    put(table, stamped(prefix, stamp, suffix), value);
  }

  @Override
  public final void putStampedValue(
      Table table, byte[] key, byte[] prefix, Stamp stamp, byte[] suffix) {
    put(table, key, stamped(prefix, stamp, suffix));
  }

  private byte[] stamped(byte[] prefix, Stamp stamp, byte[] suffix) {
    int suffixAt = prefix.length + Versionstamp.LENGTH;
    byte[] stamped = Arrays.copyOf(prefix, suffixAt + suffix.length);
    byte[] middle = new Versionstamp(version(), 0, stamp.position()).toBytes();
    System.arraycopy(middle, 0, stamped, prefix.length, middle.length);
    System.arraycopy(suffix, 0, stamped, suffixAt, suffix.length);
    return stamped;
  }

  @Override
  public final ReadTransaction snapshot() {
    return this;
  }

  @Override
  public final Versionstamp configVersion() {
    checkUsable();
    return new Versionstamp(configChanged ? version() : group.configVersion(), 0, 0);
  }

  @Override
  public final void bumpConfigVersion() {
    beforeWrite();
    writeConfigVersion(version());
    configChanged = true;
  }

  @Override
  public final Optional<Versionstamp> keep() {
    checkUsable();
    if (!wrote) {
      return Optional.empty();
    }
    keepWrites();
    group.kept(version(), configChanged);
    return Optional.of(new Versionstamp(version(), 0, 0));
  }

  @Override
  public final long bytes() {
    return bytes;
  }

  @Override
  public final WriteTransaction transaction() {
    return this;
  }
}

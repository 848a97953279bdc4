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

/**
 * A member of a group on an engine in this process that holds each table as a tree: what is the
 * same for all such engines. As members run one after another, its versionstamp is known while it
 * runs. Keys written are touched before they are written. For one thread.
 */
public abstract class TreeWrites extends TreeReads
    implements WriteTransaction, WriterEngine.Member {

  private final StampClock clock;
  private final WatchRegistry.Touched touched = new WatchRegistry.Touched();
  private long version;
  private int stamps;
  private long bytes;

  /** Makes a member, once the one before has ended. */
  protected TreeWrites(TreeGroup group) {
    super(group.registry, group.registry.mark());
    this.clock = group.stamps;
  }

  /** Called before each write. */
  protected abstract void beforeWrite();

  /** Sets a key's value. */
  protected abstract void write(Table table, byte[] key, byte[] value);

  /** Removes a key where it is there. */
  protected abstract void remove(Table table, byte[] key);

  /** Removes the keys within the bounds of a range. */
  protected abstract void remove(Range range);

  /** What this member wrote, for its group. */
  protected final WatchRegistry.Touched touched() {
    return touched;
  }

  /** The version of this member's versionstamp. */
  protected final long version() {
    if (version == 0) {
      version = clock.next();
    }
    return version;
  }

  @Override
  public final void put(Table table, byte[] key, byte[] value) {
    beforeWrite();
    touched.add(table, key);
    write(table, key, value);
    bytes += Limits.writeBytes(key.length, value.length);
  }

  @Override
  public final void delete(Table table, byte[] key) {
    beforeWrite();
    touched.add(table, key);
    remove(table, key);
    bytes += Limits.writeBytes(key.length, 0);
  }

  @Override
  public final void deleteRange(Range range) {
    beforeWrite();
    touched.addAll(range.table());
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
  public final long bytes() {
    return bytes;
  }

  @Override
  public final WriteTransaction transaction() {
    return this;
  }
}

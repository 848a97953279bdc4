package io.divan.storage.checked;

import io.divan.storage.Limits;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import java.util.List;
import java.util.Optional;

/** Checks reads before it passes them on. Subclasses add rules. */
abstract class CheckedReads implements ReadTransaction {

  private final ReadTransaction reads;

  CheckedReads(ReadTransaction reads) {
    this.reads = reads;
  }

  /** Throws if the transaction has ended, or the current thread may not use it. */
  abstract void checkUse();

  /** Throws if the row has been stamped. */
  void requireReadable(Table table, byte[] key) {}

  /** Throws if the range may contain a stamped row. */
  void requireReadable(Range range) {}

  /** Adds to the size of the transaction. Throws if it becomes too large. */
  void count(long more) {}

  static void checkKey(int keyBytes) {
    if (keyBytes > Limits.KEY_BYTES_MAX) {
      throw new StorageException.LimitExceeded(Limits.Limit.KEY, keyBytes);
    }
  }

  /** The bound after the longest key is one byte longer than a key. */
  static void checkBounds(Range range) {
    checkKey(range.begin().length - 1);
    if (range.end().isPresent()) {
      checkKey(range.end().get().length - 1);
    }
  }

  private void checkGet(Table table, byte[] key) {
    checkKey(key.length);
    requireReadable(table, key);
    count(Limits.pointReadBytes(key.length));
  }

  private void checkScan(Range range) {
    checkBounds(range);
    requireReadable(range);
    count(range.conflicts() ? Limits.scanBytes(range) : 0);
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    checkUse();
    checkGet(table, key);
    return reads.get(table, key);
  }

  @Override
  public List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
    checkUse();
    for (byte[] key : keys) {
      checkGet(table, key);
    }
    return reads.getAll(table, keys);
  }

  @Override
  public Page scan(Range range) {
    checkUse();
    checkScan(range);
    return reads.scan(range);
  }

  @Override
  public List<Page> scanAll(List<Range> ranges) {
    checkUse();
    for (Range range : ranges) {
      checkScan(range);
    }
    return reads.scanAll(ranges);
  }

  @Override
  public Watch watch(Table table, byte[] key) {
    checkUse();
    checkKey(key.length);
    requireReadable(table, key);
    return reads.watch(table, key);
  }

  @Override
  public Versionstamp configVersion() {
    checkUse();
    return reads.configVersion();
  }
}

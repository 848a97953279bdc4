package io.divan.storage.sqlite.pages;

import io.divan.storage.Capability;
import io.divan.storage.ForwardingStore;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** A store that counts operations and injects failures. */
final class DialStore extends ForwardingStore {
  /** The number of transactions that wrote something. */
  final AtomicLong writes = new AtomicLong();

  /** The number of reads and snapshots. */
  final AtomicLong reads = new AtomicLong();

  /** The number of gets and scans of snapshots. */
  final AtomicLong lookups = new AtomicLong();

  /** The number of writes until a simulated crash, after which all writes fail. */
  volatile long writesLeft = Long.MAX_VALUE;

  /** Thrown once instead of the next write. */
  volatile RuntimeException beforeWrite;

  /** Thrown once after the next write has been done. */
  volatile RuntimeException afterWrite;

  /** Thrown by every read while it is set. */
  volatile RuntimeException onRead;

  private final AtomicLong ages = new AtomicLong();

  DialStore(Store store) {
    super(store);
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> work) {
    checkRead();
    reads.incrementAndGet();
    return store.read(work);
  }

  private void checkRead() {
    RuntimeException failure = onRead;
    if (failure != null) {
      throw failure;
    }
    if (writesLeft < 0) {
      throw new StorageException.StoreUnavailable("crashed");
    }
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    RuntimeException before = beforeWrite;
    if (before != null) {
      beforeWrite = null;
      throw before;
    }
    if (writesLeft-- <= 0) {
      writesLeft = -1;
      throw new StorageException.StoreUnavailable("crashed");
    }
    Written<T> written = store.write(work);
    if (written.versionstamp().isPresent()) {
      writes.incrementAndGet();
    }
    RuntimeException after = afterWrite;
    if (after != null) {
      afterWrite = null;
      throw after;
    }
    return written;
  }

  @Override
  public <C extends Capability> Optional<C> capability(Class<C> type) {
    return type == Capability.Snapshots.class
        ? store.capability(Capability.Snapshots.class).map(of -> type.cast(dialled(of)))
        : store.capability(type);
  }

  private Capability.Snapshots dialled(Capability.Snapshots snapshots) {
    return () -> {
      checkRead();
      reads.incrementAndGet();
      return new Dialled(snapshots.openSnapshot());
    };
  }

  /** Makes all open snapshots too old. */
  void age() {
    ages.incrementAndGet();
  }

  private final class Dialled implements Snapshot {
    private final Snapshot snapshot;
    private final long age = ages.get();

    Dialled(Snapshot snapshot) {
      this.snapshot = snapshot;
    }

    private Snapshot use() {
      checkRead();
      lookups.incrementAndGet();
      if (age < ages.get()) {
        throw new StorageException.SnapshotTooOld("old", new UnsupportedOperationException());
      }
      return snapshot;
    }

    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      return use().get(table, key);
    }

    @Override
    public List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
      return use().getAll(table, keys);
    }

    @Override
    public Page scan(Range range) {
      return use().scan(range);
    }

    @Override
    public List<Page> scanAll(List<Range> ranges) {
      return use().scanAll(ranges);
    }

    @Override
    public Watch watch(Table table, byte[] key) {
      return use().watch(table, key);
    }

    @Override
    public Versionstamp configVersion() {
      return use().configVersion();
    }

    @Override
    public void close() {
      snapshot.close();
    }
  }
}

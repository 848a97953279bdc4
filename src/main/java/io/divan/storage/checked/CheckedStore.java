package io.divan.storage.checked;

import io.divan.storage.Capability;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Snapshot;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** A store of {@link CheckedAdapter}. */
final class CheckedStore implements Store {

  private final Store store;
  private final CheckedWork work;

  CheckedStore(Store store, CheckedWork work) {
    this.store = store;
    this.work = work;
  }

  @Override
  public String name() {
    return store.name();
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> function) {
    work.refuseNesting();
    return store.read(transaction -> work.read(transaction, function));
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> function) {
    work.refuseNesting();
    return store.write(transaction -> work.write(transaction, function));
  }

  @Override
  public long sizeBytes() {
    return store.sizeBytes();
  }

  /** Returns the capabilities known here, checked. An unknown one could bypass the checks. */
  @Override
  public <C extends Capability> Optional<C> capability(Class<C> type) {
    if (type == Capability.Snapshots.class) {
      return store
          .capability(Capability.Snapshots.class)
          .map(snapshots -> type.cast(new CheckedSnapshots(snapshots, work)));
    }
    if (type == Capability.RangeSizes.class) {
      return store.capability(Capability.RangeSizes.class).map(sizes -> type.cast(checked(sizes)));
    }
    if (type == Capability.Shrinking.class) {
      return store
          .capability(Capability.Shrinking.class)
          .map(shrinking -> type.cast(checked(shrinking)));
    }
    if (type == Capability.UnsyncedWrites.class) {
      return store
          .capability(Capability.UnsyncedWrites.class)
          .map(unsynced -> type.cast(new CheckedUnsyncedWrites(unsynced, work)));
    }
    return Optional.empty();
  }

  private record CheckedUnsyncedWrites(Capability.UnsyncedWrites unsynced, CheckedWork work)
      implements Capability.UnsyncedWrites {
    @Override
    public <T> Written<T> writeUnsynced(Function<WriteTransaction, T> function) {
      work.refuseNesting();
      return unsynced.writeUnsynced(transaction -> work.write(transaction, function));
    }
  }

  private record CheckedSnapshots(Capability.Snapshots snapshots, CheckedWork work)
      implements Capability.Snapshots {
    @Override
    public Snapshot openSnapshot() {
      work.refuseNesting();
      return new CheckedSnapshot(snapshots.openSnapshot());
    }

    @Override
    public Optional<Duration> lifetime() {
      return snapshots.lifetime();
    }
  }

  private static Capability.RangeSizes checked(Capability.RangeSizes sizes) {
    return range -> {
      CheckedReads.checkBounds(range);
      return sizes.estimatedBytes(range);
    };
  }

  private Capability.Shrinking checked(Capability.Shrinking shrinking) {
    return () -> {
      work.refuseNesting();
      return shrinking.shrink();
    };
  }

  /** Two handles are equal if they belong to the same incarnation of a database. */
  @Override
  public boolean equals(Object other) {
    return other instanceof CheckedStore checked && store.equals(checked.store);
  }

  @Override
  public int hashCode() {
    return store.hashCode();
  }
}

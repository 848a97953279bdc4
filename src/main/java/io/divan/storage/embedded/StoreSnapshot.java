package io.divan.storage.embedded;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A read transaction that lasts until it is closed: by its user, or by its store when that is
 * closed or deleted, or fails, while the snapshot is in use. Its own lock lets neither happen
 * within a read. Used by one thread at a time, but for its end.
 */
public abstract class StoreSnapshot implements Snapshot {
  private final ReentrantLock lock = new ReentrantLock();
  private final OpenSnapshots all;
  private @Nullable Supplier<? extends RuntimeException> closed;

  /** Makes one of a store's snapshots. */
  protected StoreSnapshot(OpenSnapshots all) {
    this.all = all;
  }

  /** What it reads with. */
  protected abstract ReadTransaction transaction();

  /** Ends what it reads with; nobody reads meanwhile, nor after it. */
  protected abstract void end();

  /** Gives back what it has borrowed, once. */
  protected abstract void giveBack();

  /** Does a read, on whichever thread the engine wants. */
  protected abstract <T> T call(Supplier<T> read);

  @Override
  public final Optional<byte[]> get(Table table, byte[] key) {
    return run(() -> transaction().get(table, key));
  }

  @Override
  public final List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
    return run(() -> transaction().getAll(table, keys));
  }

  @Override
  public final Page scan(Range range) {
    return run(() -> transaction().scan(range));
  }

  @Override
  public final List<Page> scanAll(List<Range> ranges) {
    return run(() -> transaction().scanAll(ranges));
  }

  @Override
  public final Watch watch(Table table, byte[] key) {
    return run(() -> transaction().watch(table, key));
  }

  @Override
  public final Versionstamp configVersion() {
    return run(() -> transaction().configVersion());
  }

  @Override
  public final void close() {
    close(() -> new IllegalStateException("The snapshot is closed"));
  }

  /** Ends the snapshot for its store's sake; its user gets {@code why} from then on. */
  public final void close(Supplier<? extends RuntimeException> why) {
    lock.lock();
    try {
      if (closed != null) {
        return;
      }
      closed = why;
      end();
    } finally {
      lock.unlock();
    }
    all.closed(this);
    giveBack();
  }

  private <T> T run(Supplier<T> read) {
    return call(
        () -> {
          lock.lock();
          try {
            if (closed != null) {
              throw closed.get();
            }
            return read.get();
          } finally {
            lock.unlock();
          }
        });
  }

  /** What is thrown where a store has as many snapshots as it may have. */
  public static StorageException tooMany(int max) {
    return new StorageException.StoreUnavailable(
        "The store has " + max + " snapshots, which is the limit");
  }
}

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
 * A read transaction that lasts until its user closes it, or its store does because it is closed,
 * is deleted or fails. A lock keeps the store from closing the snapshot during a read. For one
 * thread at a time, except {@link #close}.
 */
public abstract class StoreSnapshot implements Snapshot {
  private final ReentrantLock lock = new ReentrantLock();
  private final OpenSnapshots all;
  private @Nullable Supplier<? extends RuntimeException> closed;

  /** Creates a snapshot. */
  protected StoreSnapshot(OpenSnapshots all) {
    this.all = all;
  }

  /** Returns the transaction that this snapshot reads with. */
  protected abstract ReadTransaction transaction();

  /** Ends the transaction. No read runs during or after this call. */
  protected abstract void end();

  /** Releases the open store. Called once. */
  protected abstract void giveBack();

  /** Runs a read on a thread that suits the engine. */
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

  /** Closes the snapshot for its store. Its user gets {@code why} from now on. */
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

  /** Returns the exception for a store that has reached its limit of snapshots. */
  public static StorageException tooMany(int max) {
    return new StorageException.StoreUnavailable(
        "The store has " + max + " snapshots, which is the limit");
  }
}

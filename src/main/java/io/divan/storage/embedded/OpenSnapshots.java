package io.divan.storage.embedded;

import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** The open snapshots of one store, at most {@link #MAX}. Safe for use by many threads. */
public final class OpenSnapshots {

  /** The most open snapshots of a store. */
  public static final int MAX = 64;

  private final OpenStore<?> store;
  private final Set<StoreSnapshot> open = ConcurrentHashMap.newKeySet();
  private final Semaphore left = new Semaphore(MAX);

  OpenSnapshots(OpenStore<?> store) {
    this.store = store;
  }

  /**
   * Opens a snapshot and adds it.
   *
   * @throws StorageException.StoreUnavailable if the limit is reached
   */
  public Snapshot open(Supplier<? extends StoreSnapshot> opener) {
    if (!left.tryAcquire()) {
      store.checkNotRetired();
      throw StoreSnapshot.tooMany(MAX);
    }
    StoreSnapshot snapshot;
    try {
      snapshot = opener.get();
    } catch (RuntimeException | Error e) {
      left.release();
      throw e;
    }
    open.add(snapshot);
    try {
      store.checkNotRetired();
    } catch (StorageException e) {
      snapshot.close(); // endAll did not see it
      throw e;
    }
    return snapshot;
  }

  /** Removes a closed snapshot. */
  void closed(StoreSnapshot snapshot) {
    open.remove(snapshot);
    left.release();
  }

  /** Closes all snapshots. Their users get {@code why} from now on. */
  public void endAll(Supplier<? extends StorageException> why) {
    for (StoreSnapshot snapshot : open) {
      snapshot.close(why);
    }
  }
}

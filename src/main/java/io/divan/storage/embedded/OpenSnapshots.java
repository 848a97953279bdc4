package io.divan.storage.embedded;

import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** The snapshots of one store that are open, at most {@link #MAX}. Safe for use by many threads. */
public final class OpenSnapshots {

  /** The most snapshots that a store has. */
  public static final int MAX = 64;

  private final OpenStore<?> store;
  private final Set<StoreSnapshot> open = ConcurrentHashMap.newKeySet();
  private final Semaphore left = new Semaphore(MAX);

  OpenSnapshots(OpenStore<?> store) {
    this.store = store;
  }

  /**
   * Adds the snapshot that is opened.
   *
   * @throws StorageException.StoreUnavailable when there are as many as there may be
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
      snapshot.close(); // whoever ended the others did not see it
      throw e;
    }
    return snapshot;
  }

  /** One of these was closed. */
  void closed(StoreSnapshot snapshot) {
    open.remove(snapshot);
    left.release();
  }

  /** Ends all; their users get {@code why} from then on. */
  public void endAll(Supplier<? extends StorageException> why) {
    for (StoreSnapshot snapshot : open) {
      snapshot.close(why);
    }
  }
}

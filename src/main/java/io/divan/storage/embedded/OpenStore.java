package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An entry of {@link OpenStores}: the resource that one store has open, its reference count, and
 * the readers that depend on it. Opened when needed, closed when idle. Safe for use by many
 * threads; acquiring an open resource takes no lock.
 *
 * <ol>
 *   <li>{@link #acquire} increments the count, then reads {@code open} again. Closing clears {@code
 *       open}, then reads the count. Whichever comes second notices the first and backs out, so no
 *       resource is closed while it is in use.
 *   <li>A failed resource is not handed out again. It is closed when its count reaches zero, and
 *       only then opened again: engines do not open a database twice.
 *   <li>After {@link #retire} no resource is handed out and no commit begins. A commit that has
 *       begun ends before {@code retire} returns. The last release closes the resource.
 * </ol>
 *
 * @param <T> the resource
 */
public final class OpenStore<T extends OpenStore.Resource> implements BaseGroup.CommitGate {

  /** An open resource and its reference count. */
  public abstract static class Resource {
    private final AtomicInteger users = new AtomicInteger();

    /** Closes it; must not throw. Called once, while the count is zero. */
    protected abstract void close();

    private boolean isUsed() {
      return users.get() > 0;
    }
  }

  /** Opens and checks the resource of one store. */
  public interface Source<T extends Resource> {

    /** Opens the resource. Called by one thread at a time, and only while it is not open. */
    T open();

    /**
     * Checks an open resource when it is acquired, and periodically.
     *
     * @throws StorageException when it has failed, or belongs to another process
     */
    default void check(T open) {}

    /** Whether another process may take the resource over once it is closed. */
    default boolean isShared(T open) {
      return false;
    }

    /**
     * Looks at an open resource periodically.
     *
     * @return whether another process may have taken it over, so that readers must look again
     */
    default boolean mayBeLost(T open) {
      return false;
    }
  }

  /** The watches of the store. */
  final WatchRegistry watches = new WatchRegistry(WatchRegistry.WATCHES_MAX, this);

  /** The open snapshots of the store. */
  final OpenSnapshots snapshots = new OpenSnapshots(this);

  private final String title;
  private final OpenStores cache;
  private final Source<T> source;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile @Nullable T open;
  private volatile @Nullable T failing;
  private volatile @Nullable Supplier<? extends StorageException> retired;
  private volatile long usedNanos = System.nanoTime();
  private boolean committing;

  @SuppressWarnings("UnusedVariable") // keeps it reachable
  private volatile @Nullable Object owner;

  /**
   * Makes the entry of a store that is not open.
   *
   * @param title the store as messages name it
   */
  public OpenStore(String title, OpenStores cache, Source<T> source) {
    this.title = title;
    this.cache = cache;
    this.source = source;
  }

  /** Keeps the store reachable while this is open or watched. */
  void ownedBy(SingleWriterStore store) {
    owner = store;
  }

  /** The watches of the store. */
  public WatchRegistry watches() {
    return watches;
  }

  /** Returns the open resource, opening it if necessary; {@link #release} must follow. */
  public T acquire() {
    T acquired = acquireUnchecked();
    try {
      source.check(acquired);
      return acquired;
    } catch (RuntimeException e) {
      fail(acquired);
      release(acquired);
      throw e;
    }
  }

  private T acquireUnchecked() {
    T seen = open;
    if (seen != null) {
      users(seen).incrementAndGet();
      if (open == seen && retired == null) {
        return seen;
      }
      release(seen);
    }
    lock.lock();
    try {
      checkNotRetired();
      T acquired = open == null ? reopen() : open;
      users(acquired).incrementAndGet();
      return acquired;
    } finally {
      lock.unlock();
    }
  }

  private T reopen() {
    closeFailing();
    if (failing != null) {
      throw new StorageException.StoreUnavailable(
          title + " has failed and is opened again when its last reader has ended");
    }
    cache.makeRoom();
    T opened = source.open();
    open = opened;
    cache.add(this);
    return opened;
  }

  /** Releases an acquired resource. */
  public void release(T acquired) {
    usedNanos = System.nanoTime();
    if (users(acquired).decrementAndGet() == 0 && (retired != null || failing != null)) {
      lock.lock();
      try {
        closeFailing();
        if (retired != null) {
          closeUnused();
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Marks a resource as failed, ends the snapshots and wakes the watches. A caller that acquired
   * the resource still releases it.
   */
  public void fail(T failed) {
    lock.lock();
    try {
      if (open != failed) {
        return;
      }
      open = null;
      failing = failed;
    } finally {
      lock.unlock();
    }
    endReaders(title + " has failed; read again");
  }

  private void endReaders(String why) {
    snapshots.endAll(() -> new StorageException.StoreUnavailable(why));
    watches.allMayHaveChanged();
  }

  /** Throws if the store is deleted or closed. */
  public void checkNotRetired() {
    Supplier<? extends StorageException> why = retired;
    if (why != null) {
      throw why.get();
    }
  }

  @Override
  public void commitBegins() {
    lock.lock();
    try {
      checkNotRetired();
      committing = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void commitEnds() {
    lock.lock();
    try {
      committing = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Refuses further use, waits for a running commit and, for a limited time, for other users.
   *
   * @param why the exception that callers get from now on
   */
  void retire(Supplier<? extends StorageException> why, Duration waitMax) {
    long left = waitMax.toNanos();
    snapshots.endAll(why);
    lock.lock();
    try {
      if (retired == null) {
        retired = why;
      }
      while (committing) {
        changed.awaitUninterruptibly();
      }
      while ((isUsed(open) || isUsed(failing)) && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    snapshots.endAll(why); // those opened in the meantime
  }

  /** The open resource, which may be closed at any time; null if none is open. */
  @Nullable
  T open() {
    return open;
  }

  /** When it was last released, by {@link System#nanoTime}. */
  long usedNanos() {
    return usedNanos;
  }

  /** Closes the resource unless it is in use or another thread is busy with it. */
  boolean closeIfUnused() {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      return closeUnused();
    } finally {
      lock.unlock();
    }
  }

  /** Closes a retired resource, or leaves that to its last user. */
  void close() {
    lock.lock();
    try {
      closeUnused();
    } finally {
      lock.unlock();
    }
  }

  /** Checks an open resource periodically. */
  void look() {
    T seen = open;
    if (seen == null) {
      return;
    }
    try {
      source.check(seen);
    } catch (StorageException e) {
      fail(seen);
      closeFailing();
      return;
    }
    if (source.mayBeLost(seen)) {
      endReaders(title + " may be in use by another process; read again");
    }
  }

  /**
   * Closes a resource that is not used. A watched one that another process may take over stays
   * open: the watch would miss changes made there.
   */
  private boolean closeUnused() {
    closeFailing();
    T seen = open;
    if (seen == null) {
      return true;
    }
    open = null; // first, see the invariant above; set again if the resource stays open
    if (isUsed(seen) || retired == null && source.isShared(seen) && watches.size() > 0) {
      open = seen;
      return false;
    }
    seen.close();
    cache.remove(this); // last: while it is in the cache, its store stays reachable
    return true;
  }

  private void closeFailing() {
    lock.lock();
    try {
      T seen = failing;
      if (seen != null && !isUsed(seen)) {
        failing = null;
        seen.close();
        if (open == null) {
          cache.remove(this);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static AtomicInteger users(Resource resource) {
    return resource.users;
  }

  private static boolean isUsed(@Nullable Resource seen) {
    return seen != null && seen.isUsed();
  }
}

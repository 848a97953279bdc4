package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a store has open of its database, and lends to whoever works with it: opened when it is
 * needed, closed when the store is idle. Safe for use by many threads.
 *
 * <ol>
 *   <li>Nothing is closed while it is in use.
 *   <li>Once retired, nothing is lent any more, and no commit begins. A commit that has begun ends
 *       before {@link #retire} returns; so whatever commits has committed before. What is open is
 *       closed by whoever gives it back last.
 * </ol>
 */
public abstract class Lent implements OpenStores.Files, TreeGroup.Gate {

  /** Guards what is open, and who uses it. */
  protected final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private volatile @Nullable Supplier<? extends StorageException> retired;
  private boolean committing;
  private volatile long usedNanos = System.nanoTime();

  /** Borrows and gives back, so that the file is open. */
  protected abstract void touch();

  /** Whether anything is lent. Called with the lock. */
  protected abstract boolean isUsed();

  /** Closes what is open, and answers true, if nothing is lent. Called with the lock. */
  protected abstract boolean closeUnused();

  /** Throws what borrowers get where nothing is lent any more. */
  public final void checkLendable() {
    Supplier<? extends StorageException> why = retired;
    if (why != null) {
      throw why.get();
    }
  }

  /** Whether nothing is lent any more. */
  protected final boolean isRetired() {
    return retired != null;
  }

  /** Something is being given back. */
  protected final void usedNow() {
    usedNanos = System.nanoTime();
  }

  /** Something was given back that others may wait for. Called with the lock. */
  protected final void givenBack() {
    if (retired != null) {
      closeUnused();
    }
    changed.signalAll();
  }

  @Override
  public final void commitBegins() {
    lock.lock();
    try {
      checkLendable();
      committing = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final void commitEnds() {
    lock.lock();
    try {
      committing = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lends nothing any more, and waits for a commit under way and, for a while, for what is lent.
   *
   * @param why what borrowers get from now on
   */
  final void retire(Supplier<? extends StorageException> why, Duration waitMax) {
    long left = waitMax.toNanos();
    lock.lock();
    try {
      if (retired == null) {
        retired = why;
      }
      while (committing) {
        changed.awaitUninterruptibly();
      }
      while (isUsed() && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final long usedNanos() {
    return usedNanos;
  }

  @Override
  public final boolean closeIfUnused() {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      return closeUnused();
    } finally {
      lock.unlock();
    }
  }

  /** Once retired: closes what is open, or leaves that to whoever uses it last. */
  final void close() {
    lock.lock();
    try {
      closeUnused();
    } finally {
      lock.unlock();
    }
  }
}

package io.divan.storage.redb;

import io.divan.redb.Redb;
import io.divan.redb.RedbException;
import io.divan.storage.OpenStores;
import io.divan.storage.StampClock;
import io.divan.storage.StorageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One database file, opened when it is needed and closed when the store is idle. Safe for use by
 * many threads; borrowing a file that is open takes no lock.
 *
 * <ol>
 *   <li>Whoever borrows counts itself first and looks then whether the file is still the one that
 *       is open; whoever closes takes it away first and looks then whether anybody is counted. So
 *       one of them sees the other, and nothing is closed while it is in use.
 *   <li>A file that failed is lent no more. It is closed once nobody uses it, and only then opened
 *       again: the engine admits nobody twice.
 *   <li>Once retired, nothing is lent any more, and no commit begins. A commit that has begun ends
 *       before {@link #retire} returns; so whatever commits has committed before. The file is
 *       closed by whoever gives it back last.
 * </ol>
 */
final class RedbFile implements OpenStores.Files {

  /** How files are opened. */
  interface Opener {
    /** Opens a file that is there. */
    Redb open(Path file, long cacheBytes);
  }

  private final Path file;
  private final Opener opener;
  private final StampClock stamps;
  private final OpenStores openStores;
  private final CacheBudget cache;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile @Nullable OpenRedb open;
  private volatile @Nullable OpenRedb failing;
  private volatile @Nullable Supplier<? extends StorageException> retired;
  private boolean committing;
  private volatile long usedNanos = System.nanoTime();

  RedbFile(
      Path file, Opener opener, StampClock stamps, OpenStores openStores, CacheBudget cache) {
    this.file = file;
    this.opener = opener;
    this.stamps = stamps;
    this.openStores = openStores;
    this.cache = cache;
  }

  Path path() {
    return file;
  }

  /** Lends the file, opening it where it is not open; {@link #giveBack} follows. */
  OpenRedb borrow() {
    OpenRedb seen = open;
    if (seen != null) {
      seen.users.incrementAndGet();
      if (open == seen && retired == null) {
        return seen;
      }
      giveBack(seen);
    }
    lock.lock();
    try {
      checkLendable();
      OpenRedb lent = open == null ? reopen() : open;
      lent.users.incrementAndGet();
      return lent;
    } finally {
      lock.unlock();
    }
  }

  /** Takes back what was lent. */
  void giveBack(OpenRedb lent) {
    usedNanos = System.nanoTime();
    if (lent.users.decrementAndGet() == 0 && (retired != null || failing != null)) {
      lock.lock();
      try {
        if (retired != null) {
          closeIfThere();
        }
        closeFailing();
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Lends this no more: the engine has failed. It is still to be given back. */
  void failed(OpenRedb lent) {
    lock.lock();
    try {
      if (open == lent) {
        open = null;
        failing = lent;
        openStores.remove(this);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets a commit begin; {@link #commitEnds} follows. */
  void commitBegins() {
    lock.lock();
    try {
      checkLendable();
      committing = true;
    } finally {
      lock.unlock();
    }
  }

  void commitEnds() {
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
  void retire(Supplier<? extends StorageException> why, Duration waitMax) {
    long left = waitMax.toNanos();
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
  }

  /** Throws what borrowers get where nothing is lent any more. */
  void checkLendable() {
    Supplier<? extends StorageException> why = retired;
    if (why != null) {
      throw why.get();
    }
  }

  @Override
  public long usedNanos() {
    return usedNanos;
  }

  @Override
  public boolean closeIfUnused() {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      return closeIfThere();
    } finally {
      lock.unlock();
    }
  }

  /** Closes the file, or leaves that to whoever uses it last. */
  void close() {
    lock.lock();
    try {
      closeIfThere();
      closeFailing();
    } finally {
      lock.unlock();
    }
  }

  private boolean closeIfThere() {
    OpenRedb seen = open;
    if (seen == null) {
      return true;
    }
    open = null;
    if (isUsed(seen)) {
      open = seen;
      return false;
    }
    openStores.remove(this);
    close(seen);
    return true;
  }

  private void closeFailing() {
    OpenRedb seen = failing;
    if (seen != null && !isUsed(seen)) {
      failing = null;
      close(seen);
    }
  }

  private static boolean isUsed(@Nullable OpenRedb seen) {
    return seen != null && seen.users.get() > 0;
  }

  private OpenRedb reopen() {
    closeFailing();
    if (failing != null) {
      throw new StorageException.StoreUnavailable(
          file + " has failed and is opened again once nobody reads it any more");
    }
    openStores.makeRoom();
    long granted = cache.grant();
    try {
      Redb redb = opener.open(file, granted);
      try {
        OpenRedb opened = OpenRedb.of(redb, file, granted);
        stamps.raise(opened.lastStamp());
        open = opened;
        openStores.add(this);
        return opened;
      } catch (RuntimeException | Error e) {
        closeQuietly(redb);
        throw e;
      }
    } catch (RedbException e) {
      cache.giveBack(granted);
      throw RedbErrors.map(e, file);
    } catch (RuntimeException | Error e) {
      cache.giveBack(granted);
      throw e;
    }
  }

  private void close(OpenRedb closing) {
    cache.giveBack(closing.cacheBytes());
    closeQuietly(closing.redb());
  }

  /** What was committed is durable; all that closing adds is that the next opening is quick. */
  private static void closeQuietly(Redb redb) {
    try {
      redb.close();
    } catch (RedbException e) {
      System.getLogger(RedbFile.class.getName())
          .log(System.Logger.Level.WARNING, "A database file did not close well", e);
    }
  }
}

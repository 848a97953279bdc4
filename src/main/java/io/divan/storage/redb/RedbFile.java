package io.divan.storage.redb;

import io.divan.redb.PageCache;
import io.divan.redb.Redb;
import io.divan.redb.RedbException;
import io.divan.storage.LentFiles;
import io.divan.storage.OpenStores;
import io.divan.storage.StampClock;
import io.divan.storage.StorageException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One database file, lent to many at a time. Safe for use by many threads; borrowing a file that is
 * open takes no lock.
 *
 * <ol>
 *   <li>Whoever borrows counts itself first and looks then whether the file is still the one that
 *       is open; whoever closes takes it away first and looks then whether anybody is counted. So
 *       one of them sees the other, and nothing is closed while it is in use.
 *   <li>A file that failed is lent no more. It is closed once nobody uses it, and only then opened
 *       again: the engine admits nobody twice.
 * </ol>
 */
final class RedbFile extends LentFiles {

  /** How files are opened. */
  interface Opener {
    /** Opens a file that is there. */
    Redb open(Path file, PageCache cache);
  }

  private final Opener opener;
  private final StampClock stamps;
  private final OpenStores openStores;
  private final PageCache cache;
  private final LongReaders longReaders;
  private volatile @Nullable OpenRedb open;
  private volatile @Nullable OpenRedb failing;

  RedbFile(
      String name,
      Path file,
      Opener opener,
      StampClock stamps,
      OpenStores openStores,
      PageCache cache) {
    super(file);
    this.longReaders = new LongReaders(name, file);
    this.opener = opener;
    this.stamps = stamps;
    this.openStores = openStores;
    this.cache = cache;
  }

  /** Lends the file, opening it where it is not open; {@link #giveBack} follows. */
  OpenRedb borrow() {
    OpenRedb seen = open;
    if (seen != null) {
      seen.users.incrementAndGet();
      if (open == seen && !isRetired()) {
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
    usedNow();
    if (lent.users.decrementAndGet() == 0 && (isRetired() || failing != null)) {
      lock.lock();
      try {
        closeFailing();
        givenBack();
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

  @Override
  public void look() {
    OpenRedb seen = open;
    if (seen != null) {
      longReaders.look(seen.redb().readers());
    }
  }

  @Override
  protected void touch() {
    giveBack(borrow());
  }

  @Override
  protected boolean isUsed() {
    return isUsed(open) || isUsed(failing);
  }

  @Override
  protected boolean closeUnused() {
    closeFailing();
    return closeIfThere();
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
    closeQuietly(seen.redb());
    openStores.remove(this);
    return true;
  }

  private void closeFailing() {
    OpenRedb seen = failing;
    if (seen != null && !isUsed(seen)) {
      failing = null;
      closeQuietly(seen.redb());
    }
  }

  private static boolean isUsed(@Nullable OpenRedb seen) {
    return seen != null && seen.users.get() > 0;
  }

  private OpenRedb reopen() {
    closeFailing();
    if (failing != null) {
      throw new StorageException.StoreUnavailable(
          path() + " has failed and is opened again once nobody reads it any more");
    }
    openStores.makeRoom();
    try {
      Redb redb = opener.open(path(), cache);
      try {
        OpenRedb opened = OpenRedb.of(redb, path());
        stamps.raise(opened.lastStamp());
        open = opened;
        openStores.add(this);
        return opened;
      } catch (RuntimeException | Error e) {
        closeQuietly(redb);
        throw e;
      }
    } catch (RedbException e) {
      throw RedbErrors.map(e, path());
    }
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

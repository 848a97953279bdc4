package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.LayerRows;
import io.divan.storage.Lent;
import io.divan.storage.OpenStores;
import io.divan.storage.StampClock;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import java.util.function.BooleanSupplier;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.jspecify.annotations.Nullable;

/**
 * One database, lent to many at a time. Safe for use by many threads; borrowing one that is open
 * takes no lock.
 *
 * <ol>
 *   <li>Whoever borrows counts itself first and looks then whether the database is still the one
 *       that is open; whoever closes takes it away first and looks then whether anybody is counted.
 *       So one of them sees the other, and nothing is closed while it is in use.
 *   <li>A database that failed is lent no more. It is closed once nobody uses it, and only then
 *       opened again: an engine admits nobody twice.
 *   <li>What is known of it from its base store is read once it is owned.
 *   <li>Where others may own it, it is not given up while somebody waits for a change of it: that
 *       would be made elsewhere. Whoever watches has borrowed it to do so, so this is looked at
 *       when nobody can any more.
 * </ol>
 */
final class LentDb extends Lent {
  private final Store base;
  private final LevelDbEngine engine;
  private final StampClock stamps;
  private final OpenStores openStores;
  private final Runnable whenLost;
  private final BooleanSupplier isWatched;
  private volatile @Nullable OpenDb open;
  private volatile @Nullable OpenDb failing;

  /**
   * Makes what lends a database that is not open.
   *
   * @param whenLost called where another process may own it now
   * @param isWatched whether somebody waits for a change
   */
  LentDb(
      Store base,
      LevelDbEngine engine,
      StampClock stamps,
      OpenStores openStores,
      Runnable whenLost,
      BooleanSupplier isWatched) {
    this.base = base;
    this.engine = engine;
    this.stamps = stamps;
    this.openStores = openStores;
    this.whenLost = whenLost;
    this.isWatched = isWatched;
  }

  /** Lends the database, opening it where it is not open; {@link #giveBack} follows. */
  OpenDb borrow() {
    OpenDb lent = borrowAny();
    try {
      lent.requireCurrent();
      return lent;
    } catch (RuntimeException e) {
      failed(lent);
      giveBack(lent);
      throw e;
    }
  }

  private OpenDb borrowAny() {
    OpenDb seen = open;
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
      OpenDb lent = open == null ? reopen() : open;
      lent.users.incrementAndGet();
      return lent;
    } finally {
      lock.unlock();
    }
  }

  /** Takes back what was lent. */
  void giveBack(OpenDb lent) {
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

  /** Lends this no more: it has failed, or is another's now. It is still to be given back. */
  void failed(OpenDb lent) {
    boolean first = false;
    lock.lock();
    try {
      if (open == lent) {
        open = null;
        failing = lent;
        openStores.remove(this);
        first = true;
      }
    } finally {
      lock.unlock();
    }
    if (first) {
      whenLost.run();
    }
  }

  @Override
  public void look() {
    OpenDb seen = open;
    if (seen != null) {
      try {
        seen.requireCurrent();
      } catch (StorageException e) {
        failed(seen);
        lock.lock();
        try {
          closeFailing();
        } finally {
          lock.unlock();
        }
      }
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
    OpenDb seen = open;
    if (seen == null) {
      return true;
    }
    open = null;
    if (isUsed(seen) || !isRetired() && seen.isShared() && isWatched.getAsBoolean()) {
      open = seen;
      return false;
    }
    openStores.remove(this);
    seen.close();
    return true;
  }

  private void closeFailing() {
    OpenDb seen = failing;
    if (seen != null && !isUsed(seen)) {
      failing = null;
      seen.close();
    }
  }

  private static boolean isUsed(@Nullable OpenDb seen) {
    return seen != null && seen.users.get() > 0;
  }

  private OpenDb reopen() {
    closeFailing();
    if (failing != null) {
      throw new StorageException.StoreUnavailable(
          "The LevelDB database " + base.name()
              + " has failed and is opened again once nobody reads it any more");
    }
    openStores.makeRoom();
    LevelDbEngine.Owned owned = DbErrors.call(base.name(), () -> engine.open(base));
    try {
      LayerRows.Opening opening = LayerRows.opening(base);
      stamps.raise(opening.ceiling());
      if (!opening.initial().isEmpty()) {
        writeInitial(owned.db(), opening);
      }
      OpenDb opened = DbErrors.call(base.name(), () -> new OpenDb(owned));
      open = opened;
      openStores.add(this);
      return opened;
    } catch (RuntimeException | Error e) {
      owned.close();
      throw e;
    }
  }

  private void writeInitial(DB db, LayerRows.Opening opening) {
    DbErrors.call(
        base.name(),
        () -> {
          WriteBatch batch = db.createWriteBatch();
          for (KeyValue row : opening.initial()) {
            batch.put(row.key(), row.value());
          }
          db.write(batch, new WriteOptions().sync(true));
          return batch;
        });
    LayerRows.initialRowsAreWritten(base);
  }
}

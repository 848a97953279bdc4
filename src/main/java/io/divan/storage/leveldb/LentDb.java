package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.embedded.LentToMany;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.layer.LayerRows;
import java.util.function.BooleanSupplier;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.jspecify.annotations.Nullable;

/**
 * One database, lent to many at a time. Safe for use by many threads.
 *
 * <ol>
 *   <li>What is known of it from its base store is read once it is owned.
 *   <li>A database that is another's now has failed, too.
 *   <li>Where it could not be opened for want of space, that is not tried again before there is
 *       some: an engine that fails meanwhile leaves memory behind.
 *   <li>Where others may own it, it is not given up while somebody waits for a change of it: that
 *       would be made elsewhere. Whoever watches has borrowed it to do so, so this is looked at
 *       when nobody can any more.
 * </ol>
 */
final class LentDb extends LentToMany<OpenDb> {
  private final Store base;
  private final LevelDbEngine engine;
  private final StampClock stamps;
  private final Runnable whenLost;
  private final BooleanSupplier isWatched;

  /** What it was last opened in vain for, and from when on it is tried again. With the lock. */
  private StorageException.@Nullable StoreFull full;

  private long lookAgainNanos;

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
    super("The LevelDB database " + base.name(), openStores);
    this.base = base;
    this.engine = engine;
    this.stamps = stamps;
    this.whenLost = whenLost;
    this.isWatched = isWatched;
  }

  @Override
  public OpenDb borrow() {
    OpenDb lent = super.borrow();
    try {
      lent.requireCurrent();
      return lent;
    } catch (RuntimeException e) {
      failed(lent);
      giveBack(lent);
      throw e;
    }
  }

  @Override
  public boolean failed(OpenDb lent) {
    boolean first = super.failed(lent);
    if (first) {
      whenLost.run();
    }
    return first;
  }

  @Override
  public void look() {
    OpenDb seen = opened();
    if (seen != null) {
      try {
        seen.requireCurrent();
      } catch (StorageException e) {
        failed(seen);
        closeFailing();
      }
    }
  }

  @Override
  protected boolean isKept(OpenDb unused) {
    return !isRetired() && unused.isShared() && isWatched.getAsBoolean();
  }

  @Override
  protected OpenDb openNew() {
    requireSpace();
    try {
      return openHere();
    } catch (StorageException.StoreFull e) {
      if (engine.stopsWhenFull()) {
        full = e;
        lookAgainNanos = System.nanoTime() + OpenDb.LOOK_AGAIN_NANOS;
      }
      throw e;
    }
  }

  private void requireSpace() {
    StorageException.StoreFull before = full;
    if (before == null) {
      return;
    }
    long now = System.nanoTime();
    boolean looks = now - lookAgainNanos >= 0;
    if (looks) {
      lookAgainNanos = now + OpenDb.LOOK_AGAIN_NANOS;
    }
    if (!looks || !engine.hasSpace(base)) {
      throw new StorageException.StoreFull(before.getMessage(), before);
    }
    full = null;
  }

  private OpenDb openHere() {
    LevelDbEngine.Owned owned = DbErrors.call(base.name(), () -> engine.open(base));
    try {
      LayerRows.Opening opening = LayerRows.opening(base);
      stamps.raise(opening.ceiling());
      if (!opening.initial().isEmpty()) {
        writeInitial(owned.db(), opening);
      }
      return DbErrors.call(base.name(), () -> new OpenDb(owned));
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

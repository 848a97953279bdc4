package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.layer.LayerRows;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.jspecify.annotations.Nullable;

/**
 * Opens one database.
 *
 * <ol>
 *   <li>Its last versionstamp is read from the base store after the lease is acquired.
 *   <li>A database whose lease is lost has failed.
 *   <li>After an opening that failed because the disk was full, the next one waits until there is
 *       space: the port leaks memory with each failed opening.
 * </ol>
 */
final class DbSource implements OpenStore.Source<OpenDb> {
  private final Store base;
  private final LevelDbEngine engine;
  private final StampClock stamps;

  /** The failure of the last opening; retried after {@code lookAgainNanos}. */
  private StorageException.@Nullable StoreFull full;

  private long lookAgainNanos;

  DbSource(Store base, LevelDbEngine engine, StampClock stamps) {
    this.base = base;
    this.engine = engine;
    this.stamps = stamps;
  }

  @Override
  public void check(OpenDb open) {
    open.requireCurrent();
  }

  @Override
  public boolean isShared(OpenDb open) {
    return open.isShared();
  }

  @Override
  public OpenDb open() {
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

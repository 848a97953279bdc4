package io.divan.storage.leveldb;

import io.divan.storage.Limits;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;
import io.divan.storage.layer.LayerRows;
import io.divan.storage.layer.OverlayGroup;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;

/** A group of transactions that are committed as one write batch. */
final class DbGroup extends OverlayGroup {
  private static final long BATCH_BYTES_MAX = Limits.ADAPTER_TRANSACTION_BYTES_MAX;
  private static final WriteOptions SYNC = new WriteOptions().sync(true);

  private record Present(String name, View view) implements Base {
    @Override
    public Optional<byte[]> get(byte[] key) {
      return DbErrors.call(name, () -> view.get(key));
    }

    @Override
    public Page scan(Range range) {
      return DbErrors.call(name, () -> view.scan(rows(range)));
    }

    @Override
    public List<Optional<byte[]>> getAll(List<byte[]> keys) {
      return DbErrors.call(name, () -> view.getAll(keys));
    }

    @Override
    public List<Page> scanAll(List<Range> ranges) {
      return DbErrors.call(name, () -> view.scanAll(ranges.stream().map(Present::rows).toList()));
    }

    private static Range rows(Range range) {
      return new Range(Rows.ROWS, range.begin(), range.end(), range.reverse(), range.limit());
    }
  }

  private final Store base;
  private final LevelDbEngine engine;
  private final OpenDb open;
  private final Runnable whenGone;
  private final Runnable whenOver;

  /**
   * Begins a group.
   *
   * @param whenGone called if the base no longer has the database because another process deleted
   *     it
   * @param whenOver called when the group ends
   */
  DbGroup(
      Store base,
      LevelDbEngine engine,
      OpenDb open,
      WatchRegistry registry,
      StampClock stamps,
      CommitGate gate,
      Runnable whenGone,
      Runnable whenOver) {
    super(
        registry,
        stamps,
        gate,
        new Present(base.name(), open.views().now()),
        BATCH_BYTES_MAX,
        DbErrors.call(base.name(), open::configNow));
    this.base = base;
    this.engine = engine;
    this.open = open;
    this.whenGone = whenGone;
    this.whenOver = whenOver;
  }

  @Override
  protected void writeStampCeiling(long ceiling) {
    LayerRows.raiseCeiling(base, ceiling);
  }

  @Override
  protected void commitTransaction() {
    boolean changesConfig = newConfigVersion().isPresent();
    long config = open.configNow();
    if (changesConfig) {
      open.configIsChanging();
    }
    try {
      commitBatch();
    } catch (StorageException.StoreFull | StorageException.LimitExceeded e) {
      open.configIs(config);
      throw e;
    } catch (StorageException.DatabaseNotFound e) {
      whenGone.run();
      throw e;
    }
    if (changesConfig) {
      open.configIs(newConfigVersion().getAsLong());
    }
  }

  private void commitBatch() {
    open.requireSpace();
    try {
      DbErrors.call(base.name(), this::write);
    } catch (StorageException.StoreFull e) {
      if (engine.stopsWhenFull()) {
        open.isFull(e);
      }
      if (!isThere()) {
        throw e;
      }
    }
  }

  /**
   * Returns whether the rows are as the batch leaves them. An engine may report a write as failed
   * although it was made, if other work runs out of space at the same time. A batch is written as a
   * whole or not at all.
   */
  private boolean isThere() {
    return overlay().entrySet().stream()
        .allMatch(
            row -> {
              Optional<byte[]> found =
                  DbErrors.call(
                      base.name(), () -> Optional.ofNullable(open.db().get(row.getKey())));
              return found.isPresent() == row.getValue().isPresent()
                  && (found.isEmpty() || Arrays.equals(found.get(), row.getValue().get()));
            });
  }

  private WriteBatch write() {
    WriteBatch batch = open.db().createWriteBatch();
    for (Map.Entry<byte[], Optional<byte[]>> row : overlay().entrySet()) {
      if (row.getValue().isPresent()) {
        batch.put(row.getKey(), row.getValue().get());
      } else {
        batch.delete(row.getKey());
      }
    }
    open.db().write(batch, SYNC);
    return batch;
  }

  @Override
  protected void endAfterCommit() {
    abort(); // only releases the database
  }

  @Override
  public void abort() {
    whenOver.run();
  }
}

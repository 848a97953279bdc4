package io.divan.storage.leveldb;

import io.divan.storage.Capability;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.TransactionListener;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.SingleWriter;
import io.divan.storage.embedded.SingleWriterStore;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.StoreSnapshot;
import io.divan.storage.embedded.WorkerThreads;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The handle of one incarnation of a database. */
final class DbStore extends SingleWriterStore {

  /** Resources shared by the stores of an adapter. */
  record Shared(
      LevelDbEngine engine,
      TransactionListener listener,
      WorkerThreads writers,
      OpenStores openStores) {}

  private final Store base;
  private final LevelDbEngine engine;
  private final LentDb lent;
  private final SingleWriter writer;

  DbStore(Store base, Shared shared, StampClock stamps) {
    this(base, new Loss(), shared, stamps);
  }

  private DbStore(Store base, Loss loss, Shared shared, StampClock stamps) {
    this(
        base,
        new LentDb(
            base, shared.engine(), stamps, shared.openStores(), loss::happens, loss::isWatched),
        shared,
        stamps);
    loss.store = this;
  }

  private DbStore(Store base, LentDb lent, Shared shared, StampClock stamps) {
    super(base.name(), lent, stamps, shared.listener());
    this.base = base;
    this.engine = shared.engine();
    this.lent = lent;
    this.writer =
        new SingleWriter(
            new DbWriter(base, engine, lent, watches, stamps),
            shared.writers(),
            shared.listener());
  }

  /** Connects the lent database with its store, which is created after it. */
  private static final class Loss {
    private volatile @Nullable DbStore store;

    /** Called when the database has failed or another process owns it. */
    void happens() {
      DbStore lost = store;
      if (lost != null) {
        lost.lost();
      }
    }

    boolean isWatched() {
      DbStore watched = store;
      return watched != null && watched.watches.size() > 0;
    }
  }

  /**
   * Ends snapshots and wakes watches, so that readers and watchers learn that the database was
   * lost.
   */
  private void lost() {
    snapshots.endAll(
        () ->
            new StorageException.StoreUnavailable(
                "The LevelDB database " + name() + " has failed; retry the read"));
    watches.allMayHaveChanged();
  }

  @Override
  protected SingleWriter writer() {
    return writer;
  }

  @Override
  protected <T> T readHere(Function<ReadTransaction, T> work) {
    OpenDb open = lent.borrow();
    try {
      long mark = watches.mark();
      OpenDb.Config before = open.config();
      return DbErrors.call(
          name(), () -> open.views().read(view -> read(view, open, before, mark, work)));
    } finally {
      lent.giveBack(open);
    }
  }

  private <T> T read(
      View view,
      OpenDb open,
      OpenDb.Config before,
      long mark,
      Function<ReadTransaction, T> work) {
    OpenDb.Config after = open.config();
    DbReads transaction =
        new DbReads(view, () -> OpenDb.Config.between(before, after, view), watches, mark);
    return transaction.run(work);
  }

  @Override
  protected StoreSnapshot snapshotHere() {
    return new DbSnapshot(name(), snapshots, lent, watches);
  }

  @Override
  protected long bytes(ReadTransaction transaction, Range range, long max) {
    return ((DbReads) transaction).bytes(range, max);
  }

  @Override
  public long sizeBytes() {
    lent.checkLendable();
    return engine.sizeBytes(base);
  }

  @Override
  public <C extends Capability> Optional<C> capability(Class<C> type) {
    return type == Capability.Shrinking.class ? base.capability(type) : super.capability(type);
  }
}

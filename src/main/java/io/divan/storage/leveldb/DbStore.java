package io.divan.storage.leveldb;

import io.divan.storage.Capability;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.TransactionListener;
import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.SingleWriter;
import io.divan.storage.embedded.SingleWriterStore;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.StoreSnapshot;
import io.divan.storage.embedded.WorkerThreads;
import java.util.Optional;
import java.util.function.Function;

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
  private final OpenStore<OpenDb> files;
  private final SingleWriter writer;

  DbStore(Store base, Shared shared, StampClock stamps) {
    this(
        base,
        new OpenStore<>(
            "The LevelDB database " + base.name(),
            shared.openStores(),
            new DbSource(base, shared.engine(), stamps)),
        shared,
        stamps);
  }

  private DbStore(Store base, OpenStore<OpenDb> files, Shared shared, StampClock stamps) {
    super(base.name(), files, stamps, shared.listener());
    this.base = base;
    this.engine = shared.engine();
    this.files = files;
    this.writer =
        new SingleWriter(
            new DbWriter(base, engine, files, stamps), shared.writers(), shared.listener());
  }

  @Override
  protected SingleWriter writer() {
    return writer;
  }

  @Override
  protected <T> T readHere(Function<ReadTransaction, T> work) {
    OpenDb open = files.acquire();
    try {
      long mark = watches.mark();
      OpenDb.Config before = open.config();
      return DbErrors.call(
          name(), () -> open.views().read(view -> read(view, open, before, mark, work)));
    } finally {
      files.release(open);
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
    return new DbSnapshot(name(), snapshots, files, watches);
  }

  @Override
  protected long bytes(ReadTransaction transaction, Range range, long max) {
    return ((DbReads) transaction).bytes(range, max);
  }

  @Override
  public long sizeBytes() {
    files.checkNotRetired();
    return engine.sizeBytes(base);
  }

  @Override
  public <C extends Capability> Optional<C> capability(Class<C> type) {
    return type == Capability.Shrinking.class ? base.capability(type) : super.capability(type);
  }
}

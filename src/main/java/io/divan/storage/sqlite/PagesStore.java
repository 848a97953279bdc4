package io.divan.storage.sqlite;

import io.divan.storage.Keeper;
import io.divan.storage.LayerRows;
import io.divan.storage.OpenStores;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.SingleWriter;
import io.divan.storage.SingleWriterStore;
import io.divan.storage.StampClock;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.StoreSnapshot;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.WatchRegistry;
import io.divan.storage.WorkerThreads;
import io.divan.storage.sqlite.pages.SqlitePages;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;

/** A database whose pages lie in a base store: the handle of one incarnation of it. */
final class PagesStore extends SingleWriterStore {

  /** What the stores of an adapter share. */
  record Shared(
      SqlitePages.Shared pages,
      TransactionListener listener,
      WorkerThreads writers,
      WorkerThreads readers,
      OpenStores openStores,
      Keeper keeper) {}

  private static final int TABLES = 256;

  private final Store base;
  private final Shared shared;
  private final Connections connections;
  private final SingleWriter writer;

  PagesStore(Store base, Shared shared, StampClock stamps) {
    this(base, new PagesSource(base, shared.pages()), shared, stamps);
  }

  private PagesStore(Store base, PagesSource source, Shared shared, StampClock stamps) {
    this(
        base,
        new Connections(Path.of(base.name()), source, stamps, shared.openStores()),
        shared,
        stamps);
    source.whenLost(this::lost);
  }

  private PagesStore(Store base, Connections connections, Shared shared, StampClock stamps) {
    super(base.name(), connections, stamps, shared.listener());
    this.base = base;
    this.shared = shared;
    this.connections = connections;
    this.writer =
        new SingleWriter(
            new SqliteEngine(connections, watches, stamps, new Ceiling()),
            shared.writers(),
            shared.listener());
  }

  /** The number lies beside the pages, where it outlives the database until it is noted. */
  private final class Ceiling implements SqliteEngine.Hooks {
    @Override
    public void writeStampCeiling(SqliteConnection connection, long ceiling) {
      LayerRows.raiseCeiling(base, ceiling);
    }

    @Override
    public void committed(SqliteConnection connection) {
      // The base has it.
    }
  }

  /** Another process may own the database: whoever waits for a change has to look again. */
  private void lost() {
    snapshots.endAll(
        () -> new StorageException.StoreUnavailable(name() + " may be in use by another process"));
    WatchRegistry.Touched all = new WatchRegistry.Touched();
    for (int i = 0; i < TABLES; i++) {
      all.addAll(new Table(i, "any"));
    }
    watches.committed(all);
  }

  @Override
  protected SingleWriter writer() {
    return writer;
  }

  @Override
  protected <T> T readHere(Function<ReadTransaction, T> work) {
    return connections.read(watches, work);
  }

  @Override
  protected StoreSnapshot snapshotHere() {
    return new SqliteSnapshot(snapshots, connections, watches, shared.readers());
  }

  @Override
  protected <T> T onReader(Supplier<T> read) {
    return shared.readers().call(read);
  }

  @Override
  protected <T> T onWriter(Supplier<T> work) {
    return shared.writers().call(work);
  }

  @Override
  protected long bytes(ReadTransaction transaction, Range range, long max) {
    return ((SqliteReadTransaction) transaction).connection.bytes(range, max);
  }

  @Override
  public long sizeBytes() {
    connections.checkLendable();
    return base.sizeBytes();
  }

  /** SQLite uses the pages that are free again; what the base can give back it gives. */
  @Override
  public boolean shrink() {
    connections.checkLendable();
    return base.shrink();
  }
}

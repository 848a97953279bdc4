package io.divan.storage.leveldb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.TransactionListener;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.SingleWriterStore;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WorkerThreads;
import io.divan.storage.layer.LayeredDatabases;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * Databases as LevelDB databases, each in a store of a base adapter. Tables are parts of the
 * database's keys; reads see one moment of it; write transactions run one after another over what
 * it holds, and are committed in groups, each group one write batch. Safe for use by many threads.
 */
public final class LevelDbAdapter extends LayeredDatabases {

  /**
   * How databases are used.
   *
   * @param writerThreads the most databases that write at a time
   * @param openStoresMax how many databases stay open while they are idle
   * @param idleMax how long a database stays open while it is idle
   * @param clock what versionstamps are made of
   */
  public record Options(
      int writerThreads, int openStoresMax, Duration idleMax, InstantSource clock) {

    public Options {
      if (writerThreads < 1 || openStoresMax < 1) {
        throw new IllegalArgumentException("Threads and open stores are at least 1");
      }
    }

    /** The defaults. */
    public static Options defaults() {
      return new Options(8, 200, Duration.ofSeconds(60), InstantSource.system());
    }
  }

  private static final int WAITING_MAX = 10_000;

  private final OpenStores openStores;

  /**
   * Finds the databases of a base.
   *
   * @param base an adapter as its author wrote it, whose databases are this layer's only; closed
   *     with this
   * @param engine opens databases; closed with this
   * @throws io.divan.storage.StorageException.StoreUnavailable when the base cannot be used, or
   *     holds the databases of another layer or engine
   */
  public LevelDbAdapter(
      StorageAdapter base,
      LevelDbEngine engine,
      Options options,
      TransactionListener listener) {
    this(base, Shared.of(engine, options, listener), options);
  }

  private LevelDbAdapter(StorageAdapter base, Shared shared, Options options) {
    super(base, shared, options.clock());
    openStores = shared.stores().openStores();
  }

  private record Shared(DbStore.Shared stores) implements Engine {

    static Shared of(LevelDbEngine engine, Options options, TransactionListener listener) {
      return new Shared(
          new DbStore.Shared(
              engine,
              listener,
              new WorkerThreads(
                  "leveldb-writer", options.writerThreads(), WAITING_MAX, WAIT_MAX, 1),
              new OpenStores(
                  "leveldb-open-stores", options.openStoresMax(), options.idleMax())));
    }

    @Override
    public String layer() {
      return "leveldb-" + stores.engine().name();
    }

    @Override
    public SingleWriterStore store(Store base, StampClock stamps) {
      return new DbStore(base, stores, stamps);
    }

    @Override
    public TransactionListener listener() {
      return stores.listener();
    }

    @Override
    public void deleted(Store base) {
      stores.engine().deleted(base);
    }

    @Override
    public void sweep(Supplier<List<String>> databases) {
      stores.engine().sweep(databases);
    }

    @Override
    public void close() {
      stores.openStores().close();
      stores.writers().close();
      stores.engine().close();
    }
  }

  /** How many databases are open. */
  int openStores() {
    return openStores.size();
  }
}

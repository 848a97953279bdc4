package io.divan.storage.leveldb;

import io.divan.storage.Capability;
import io.divan.storage.Measurement;
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
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Stores each database as a LevelDB database in a store of a base adapter. Tables are key ranges of
 * the LevelDB database. Reads see one state. Write transactions run one after another on the
 * current state and are committed in groups, each as one write batch. Thread-safe.
 */
public final class LevelDbAdapter extends LayeredDatabases implements Capability.Measured {

  /**
   * Options of the adapter.
   *
   * @param writerThreads the maximum number of databases that write at the same time
   * @param openStoresMax the maximum number of idle databases that stay open
   * @param idleMax how long an idle database stays open
   * @param clock the clock for versionstamps
   */
  public record Options(
      int writerThreads, int openStoresMax, Duration idleMax, InstantSource clock) {

    public Options {
      if (writerThreads < 1 || openStoresMax < 1) {
        throw new IllegalArgumentException("writerThreads and openStoresMax must be at least 1");
      }
    }

    /** Returns the default options. */
    public static Options defaults() {
      return new Options(8, 200, Duration.ofSeconds(60), InstantSource.system());
    }
  }

  private static final int WAITING_MAX = 10_000;

  private final OpenStores openStores;
  private final LevelDbEngine engine;

  /**
   * Creates an adapter on a base and reads its list of databases.
   *
   * @param base an unchecked adapter that holds only databases of this layer; closed with this
   *     adapter
   * @param engine opens the databases; closed with this adapter
   * @throws io.divan.storage.StorageException.StoreUnavailable if the base cannot be used, or holds
   *     databases of another layer or engine
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
    engine = shared.stores().engine();
  }

  private record Shared(DbStore.Shared stores) implements StoreFactory {

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

  @Override
  public List<Measurement> measure() {
    List<Measurement> own = new ArrayList<>(engine.measure());
    own.add(Measurement.openDatabases(openStores.size()));
    return withBase(own);
  }

  /** Returns the number of open databases. */
  int openStores() {
    return openStores.size();
  }
}

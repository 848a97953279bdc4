package io.divan.storage.fdb;

import static org.awaitility.Awaitility.await;

import io.divan.storage.KillTest;
import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.ApiEngine;
import io.divan.storage.leveldb.LevelDbAdapter;
import io.divan.storage.leveldb.lsm.LsmEngine;
import io.divan.storage.leveldb.lsm.LsmLevelDb;
import io.divan.storage.sqlite.SqlitePagesAdapter;
import io.divan.storage.sqlite.pages.PageOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;

/** The backends that run over a cluster, where each database has one owner at a time. */
public enum Layer {
  LEVELDB_API(LevelDbApi.class) {
    @Override
    StorageAdapter over(StorageAdapter base, Leases.Options leases) {
      return new LevelDbAdapter(
          base,
          ApiEngine.shared(leases, Duration.ZERO),
          LevelDbAdapter.Options.defaults(),
          TransactionListener.NONE);
    }
  },
  LEVELDB_LSM(LevelDbLsm.class) {
    @Override
    StorageAdapter over(StorageAdapter base, Leases.Options leases) {
      return new LevelDbAdapter(
          base,
          LsmEngine.inStores(leases, LsmLevelDb.Settings.defaults()),
          LevelDbAdapter.Options.defaults(),
          TransactionListener.NONE);
    }
  },
  SQLITE_PAGES(SqlitePages.class) {
    @Override
    StorageAdapter over(StorageAdapter base, Leases.Options leases) {
      PageOptions pages = PageOptions.defaults().leases(leases, Duration.ofSeconds(1));
      return new SqlitePagesAdapter(
          base, SqlitePagesAdapter.Options.of(pages), TransactionListener.NONE);
    }
  };

  private final Class<? extends Function<Path, StorageAdapter>> factory;

  Layer(Class<? extends Function<Path, StorageAdapter>> factory) {
    this.factory = factory;
  }

  /** Creates the adapter without the checks of {@code CheckedAdapter}. */
  abstract StorageAdapter over(StorageAdapter base, Leases.Options leases);

  /** Creates the adapter on the cluster, in this process and in one that {@link KillTest} kills. */
  Class<? extends Function<Path, StorageAdapter>> factory() {
    return factory;
  }

  /** Creates adapters, and waits until the databases of a killed process can be taken over. */
  private abstract static class Factory implements Function<Path, StorageAdapter> {
    private static final Duration LEASE = Duration.ofSeconds(1);

    private final Layer layer;

    Factory(Layer layer) {
      this.layer = layer;
    }

    @Override
    public StorageAdapter apply(Path directory) {
      StorageAdapter adapter =
          new CheckedAdapter(
              layer.over(
                  TestCluster.lasting(directory), Leases.Options.shared("x").duration(LEASE)));
      adapter.list(NameRange.all())
          .forEach(name -> awaitOwned(adapter.open(name)));
      return adapter;
    }

    private static void awaitOwned(Store store) {
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreException(StorageException.StoreUnavailable.class)
          .until(() -> store.<Boolean>read(transaction -> true));
    }
  }

  /** The layer {@code api}. */
  public static final class LevelDbApi extends Factory {
    public LevelDbApi() {
      super(LEVELDB_API);
    }
  }

  /** The layer {@code lsm}. */
  public static final class LevelDbLsm extends Factory {
    public LevelDbLsm() {
      super(LEVELDB_LSM);
    }
  }

  /** The layer {@code pages}. */
  public static final class SqlitePages extends Factory {
    public SqlitePages() {
      super(SQLITE_PAGES);
    }
  }
}

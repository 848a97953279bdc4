package io.divan.record.index;

import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.LevelDbAdapter;
import io.divan.storage.leveldb.lsm.LsmEngine;
import io.divan.storage.leveldb.lsm.LsmLevelDb;
import io.divan.storage.redb.RedbAdapter;
import io.divan.storage.sqlite.SqliteFileAdapter;
import io.divan.storage.sqlite.SqlitePagesAdapter;
import io.divan.storage.sqlite.pages.PageOptions;
import java.nio.file.Path;
import java.time.Duration;

/** The backends on which records and indexes are tested. */
public enum Backend {
  REFERENCE,
  REDB,
  SQLITE,
  FDB,
  LEVELDB_ON_REDB,
  SQLITE_PAGES_ON_FDB;

  /** Opens a backend whose files, if it has some, are in a directory. */
  public StorageAdapter open(Path directory) {
    return open(directory, new SimulatedFoundationDb());
  }

  /** Opens a backend whose cluster, if it has one, is this one, possibly with faults. */
  public StorageAdapter open(Path directory, SimulatedFoundationDb cluster) {
    return new CheckedAdapter(raw(directory, cluster));
  }

  /** Returns whether another process can open the files of a killed one. */
  public boolean hasFiles() {
    return this == REDB || this == SQLITE || this == LEVELDB_ON_REDB;
  }

  private StorageAdapter raw(Path directory, SimulatedFoundationDb cluster) {
    TransactionListener none = TransactionListener.NONE;
    return switch (this) {
      case REFERENCE -> new ReferenceAdapter();
      case REDB -> new RedbAdapter(RedbAdapter.Options.of(directory), none);
      case SQLITE -> new SqliteFileAdapter(SqliteFileAdapter.Options.of(directory), none);
      case FDB -> simulated(cluster);
      case LEVELDB_ON_REDB ->
          new LevelDbAdapter(
              new RedbAdapter(RedbAdapter.Options.of(directory), none),
              LsmEngine.inStores(
                  Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults()),
              LevelDbAdapter.Options.defaults(),
              none);
      case SQLITE_PAGES_ON_FDB ->
          new SqlitePagesAdapter(
              simulated(cluster),
              SqlitePagesAdapter.Options.of(
                  PageOptions.defaults()
                      .leases(Leases.Options.exclusive("here"), Duration.ofSeconds(1))),
              none);
    };
  }

  private static StorageAdapter simulated(SimulatedFoundationDb cluster) {
    return new FdbAdapter(
        cluster.open(),
        FdbAdapter.Options.defaults().bounds(Duration.ofHours(1), 1_000),
        TransactionListener.NONE);
  }
}

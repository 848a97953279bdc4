package io.divan.storage.leveldb.lsm;

import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.redb.RedbAdapter;
import java.nio.file.Path;

/** The base stores in which tests put LevelDB's files. */
enum Base {
  /** Plain maps: fast for little data. */
  MODEL,
  /** The simulation of a FoundationDB cluster. */
  MEMORY,
  REDB,
  /** The cluster of {@code FDB_CLUSTER_FILE}, or the simulation without one. */
  FDB;

  static final String DATABASE = "lsm-test";

  /** Returns an adapter with the limits that apply to layers. */
  StorageAdapter open(Path directory, TestCluster cluster) {
    return new CheckedAdapter(
        switch (this) {
          case MODEL -> new ReferenceAdapter();
          case MEMORY -> memory();
          case REDB ->
              new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE);
          case FDB -> cluster.adapter(directory);
        });
  }

  private static StorageAdapter memory() {
    return TestCluster.adapter(new SimulatedFoundationDb());
  }

  static Store create(StorageAdapter adapter) {
    return adapter.create(DATABASE, transaction -> {});
  }
}

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

/** The base stores that tests put LevelDB's files in. */
enum Base {
  /** Plain maps: fast while there is little data. */
  MODEL,
  /** The simulation of a FoundationDB cluster. */
  MEMORY,
  REDB,
  /** The cluster that {@code FDB_CLUSTER_FILE} names, or the simulation where it names none. */
  FDB;

  static final String DATABASE = "lsm-test";

  /** An adapter within the limits that layers keep. */
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

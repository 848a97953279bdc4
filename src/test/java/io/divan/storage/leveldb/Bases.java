package io.divan.storage.leveldb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.redb.RedbAdapter;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The base stores of databases under test. */
enum Bases {
  MEMORY {
    @Override
    StorageAdapter raw(Path directory) {
      return TestCluster.adapter(new SimulatedFoundationDb());
    }
  },
  REDB {
    @Override
    StorageAdapter raw(Path directory) {
      return new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE);
    }
  },
  /** The cluster of {@code FDB_CLUSTER_FILE}. */
  FDB {
    @Override
    StorageAdapter raw(Path directory) {
      return CLUSTER.adapter(directory);
    }
  };

  /** Test classes register this extension. */
  static final TestCluster CLUSTER = TestCluster.orSimulated();

  /** Returns the available base stores; without a cluster, {@link #MEMORY} takes its place. */
  static Stream<Bases> present() {
    return Stream.of(values()).filter(base -> base != FDB || TestCluster.isGiven());
  }

  /** Returns the backend on a base that only this process uses. */
  static StorageAdapter over(StorageAdapter base) {
    return new LevelDbAdapter(
        base,
        ApiEngine.exclusive(),
        LevelDbAdapter.Options.defaults(),
        TransactionListener.NONE);
  }

  /** Returns the unchecked adapter. */
  abstract StorageAdapter raw(Path directory);

  /** Returns the checked adapter, which is what programs use. */
  StorageAdapter open(Path directory) {
    return new CheckedAdapter(raw(directory));
  }
}

package io.divan.storage.leveldb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.redb.RedbAdapter;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Base stores that databases lie in. */
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
  /** The cluster that {@code FDB_CLUSTER_FILE} names. */
  FDB {
    @Override
    StorageAdapter raw(Path directory) {
      return CLUSTER.adapter(directory);
    }
  };

  /** To be registered by the tests of a class. */
  static final TestCluster CLUSTER = TestCluster.orSimulated();

  /** All that are there: without a cluster {@link #MEMORY} stands for it. */
  static Stream<Bases> present() {
    return Stream.of(values()).filter(base -> base != FDB || TestCluster.isGiven());
  }

  /** The backend over a base that this process has for itself. */
  static StorageAdapter over(StorageAdapter base) {
    return new LevelDbAdapter(
        base,
        ApiEngine.exclusive(),
        LevelDbAdapter.Options.defaults(),
        TransactionListener.NONE);
  }

  /** An adapter as its author wrote it. */
  abstract StorageAdapter raw(Path directory);

  /** An adapter as programs are given it. */
  StorageAdapter open(Path directory) {
    return new CheckedAdapter(raw(directory));
  }
}

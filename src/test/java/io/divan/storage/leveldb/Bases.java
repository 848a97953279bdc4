package io.divan.storage.leveldb;

import io.divan.storage.CheckedAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.redb.RedbAdapter;
import java.nio.file.Path;

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
  };

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

package io.divan.storage.leveldb;

import io.divan.storage.ShortContractTest;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.lease.Leases;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs on the cluster of {@code FDB_CLUSTER_FILE}, with leases like the service's. */
class LevelDbClusterContractTest extends ShortContractTest {
  @RegisterExtension static final TestCluster CLUSTER = TestCluster.required();

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return new LevelDbAdapter(
        CLUSTER.adapter(directory),
        ApiEngine.shared(Leases.Options.shared("test"), Duration.ZERO),
        LevelDbAdapter.Options.defaults(),
        TransactionListener.NONE);
  }
}

package io.divan.storage.leveldb.lsm;

import io.divan.storage.ShortContractTest;
import io.divan.storage.StorageAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.lease.Leases;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Runs with renewed leases, as the service does on FoundationDB: on the cluster of {@code
 * FDB_CLUSTER_FILE} or on a simulated one.
 */
class LsmFdbContractTest extends ShortContractTest {
  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orSimulated();

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return Backend.over(CLUSTER.adapter(directory), Leases.Options.shared("test"));
  }
}

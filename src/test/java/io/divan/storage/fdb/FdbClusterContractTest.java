package io.divan.storage.fdb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The storage contract on the cluster named by {@code FDB_CLUSTER_FILE}. */
class FdbClusterContractTest extends StorageContractTest {
  @RegisterExtension static final TestCluster CLUSTER = TestCluster.required();

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return CLUSTER.adapter(directory);
  }
}

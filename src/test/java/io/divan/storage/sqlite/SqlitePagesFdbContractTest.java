package io.divan.storage.sqlite;

import io.divan.storage.Limits;
import io.divan.storage.ShortContractTest;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.embedded.TableKeys;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.lease.Leases;
import io.divan.storage.sqlite.pages.PageOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The contract with renewed leases, as the service uses them over FoundationDB: on the cluster
 * named by {@code FDB_CLUSTER_FILE}, or on a simulated one.
 */
class SqlitePagesFdbContractTest extends ShortContractTest {
  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orSimulated();

  @Override
  public int adapterKeyBytesMax() {
    return Limits.ADAPTER_KEY_BYTES_MAX - TableKeys.PREFIX_BYTES_MAX;
  }

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    PageOptions pages =
        PageOptions.defaults().leases(Leases.Options.shared("test"), Duration.ofSeconds(1));
    return new SqlitePagesAdapter(
        CLUSTER.adapter(directory),
        SqlitePagesAdapter.Options.of(pages),
        TransactionListener.NONE);
  }
}

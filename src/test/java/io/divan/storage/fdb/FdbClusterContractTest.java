package io.divan.storage.fdb;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.directory.DirectoryLayer;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.TransactionListener;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract on the cluster that {@code FDB_CLUSTER_FILE} names. Without that variable there is
 * none to test; with it, a cluster that cannot be reached is a failure.
 */
class FdbClusterContractTest extends StorageContractTest {
  private static final String CLUSTER_FILE = "FDB_CLUSTER_FILE";
  private static final String PARENT = "divan-test-" + UUID.randomUUID();

  private static Database open() {
    return FdbClient.open(FdbClient.Settings.of(Path.of(System.getenv(CLUSTER_FILE))));
  }

  @BeforeAll
  static void requireCluster() {
    assumeTrue(System.getenv(CLUSTER_FILE) != null, CLUSTER_FILE + " is not set");
  }

  @AfterAll
  static void removeDirectories() {
    if (System.getenv(CLUSTER_FILE) != null) {
      try (Database database = open()) {
        database.run(
            transaction ->
                new DirectoryLayer().removeIfExists(transaction, List.of(PARENT)).join());
      }
    }
  }

  /** Each test has a directory of its own in the cluster, as it has one of files. */
  @Override
  protected StorageAdapter newAdapter(Path directory) {
    FdbAdapter.Options options =
        FdbAdapter.Options.defaults()
            .directory(List.of(PARENT, directory.getFileName().toString()));
    return new FdbAdapter(open(), options, TransactionListener.NONE);
  }
}

package io.divan.storage.leveldb;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.directory.DirectoryLayer;
import io.divan.storage.Leases;
import io.divan.storage.ShortContractTest;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.FdbClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Over the cluster that {@code FDB_CLUSTER_FILE} names, with leases as the service has them. */
class LevelDbClusterContractTest extends ShortContractTest {
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

  @Override
  public int adapterKeyBytesMax() {
    return Bases.KEY_BYTES_MAX;
  }

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    FdbAdapter.Options options =
        FdbAdapter.Options.defaults()
            .directory(List.of(PARENT, directory.getFileName().toString()));
    return new LevelDbAdapter(
        new FdbAdapter(open(), options, TransactionListener.NONE),
        ApiEngine.shared(Leases.Options.shared("test"), Duration.ZERO),
        LevelDbAdapter.Options.defaults(),
        TransactionListener.NONE);
  }
}

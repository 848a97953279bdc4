package io.divan.storage.sqlite;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.directory.DirectoryLayer;
import io.divan.storage.Leases;
import io.divan.storage.Limits;
import io.divan.storage.ShortContractTest;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TableKeys;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.FdbClient;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.sqlite.pages.PageOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;

/**
 * With leases that are renewed, as the service has them over FoundationDB: on the cluster that
 * {@code FDB_CLUSTER_FILE} names, or on a simulated one.
 */
class SqlitePagesFdbContractTest extends ShortContractTest {
  private static final String CLUSTER_FILE = "FDB_CLUSTER_FILE";
  private static final String PARENT = "divan-test-" + UUID.randomUUID();

  private final SimulatedFoundationDb simulated = new SimulatedFoundationDb();

  private static Database cluster() {
    return FdbClient.open(FdbClient.Settings.of(Path.of(System.getenv(CLUSTER_FILE))));
  }

  @AfterAll
  static void removeDirectories() {
    if (System.getenv(CLUSTER_FILE) != null) {
      try (Database database = cluster()) {
        database.run(
            transaction ->
                new DirectoryLayer().removeIfExists(transaction, List.of(PARENT)).join());
      }
    }
  }

  @Override
  public int adapterKeyBytesMax() {
    return Limits.ADAPTER_KEY_BYTES_MAX - TableKeys.PREFIX_BYTES_MAX;
  }

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    Database database = System.getenv(CLUSTER_FILE) == null ? simulated.open() : cluster();
    FdbAdapter.Options options =
        FdbAdapter.Options.defaults()
            .directory(List.of(PARENT, directory.getFileName().toString()));
    PageOptions pages =
        PageOptions.defaults().leases(Leases.Options.shared("test"), Duration.ofSeconds(1));
    return new SqlitePagesAdapter(
        new FdbAdapter(database, options, TransactionListener.NONE),
        SqlitePagesAdapter.Options.of(pages),
        TransactionListener.NONE);
  }
}

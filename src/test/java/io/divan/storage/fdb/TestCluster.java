package io.divan.storage.fdb;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.directory.DirectoryLayer;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The cluster that {@code FDB_CLUSTER_FILE} names, for the tests of one class: they have a
 * directory in it, which is removed after them. Where the variable is set, a cluster that cannot be
 * reached is a failure.
 */
public final class TestCluster implements BeforeAllCallback, AfterAllCallback {
  private static final String CLUSTER_FILE = "FDB_CLUSTER_FILE";

  private final String parent = "divan-test-" + UUID.randomUUID();
  private final SimulatedFoundationDb simulated = new SimulatedFoundationDb();
  private final Otherwise otherwise;

  /** What the tests have where no cluster is named. */
  private enum Otherwise {
    SKIPPED,
    SIMULATED,
    MODEL
  }

  private TestCluster(Otherwise otherwise) {
    this.otherwise = otherwise;
  }

  /** Without a cluster the tests are skipped. */
  public static TestCluster required() {
    return new TestCluster(Otherwise.SKIPPED);
  }

  /** Without a cluster the tests have a simulated one. */
  public static TestCluster orSimulated() {
    return new TestCluster(Otherwise.SIMULATED);
  }

  /** Without a cluster the tests have plain maps, which are faster. */
  public static TestCluster orModel() {
    return new TestCluster(Otherwise.MODEL);
  }

  /** An adapter on a simulated cluster, as its author wrote it. */
  public static StorageAdapter adapter(SimulatedFoundationDb simulated) {
    return new FdbAdapter(
        simulated.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE);
  }

  /**
   * An adapter as its author wrote it, with a directory of its own in the cluster.
   *
   * @param directory its last name is the directory's
   */
  public StorageAdapter adapter(Path directory) {
    return adapter(directory.getFileName().toString());
  }

  /** An adapter as its author wrote it, which nobody else shares data with. */
  public StorageAdapter adapter() {
    return adapter(UUID.randomUUID().toString());
  }

  private StorageAdapter adapter(String name) {
    if (otherwise == Otherwise.MODEL && !isGiven()) {
      return new ReferenceAdapter();
    }
    FdbAdapter.Options options = FdbAdapter.Options.defaults().directory(List.of(parent, name));
    return new FdbAdapter(
        isGiven() ? open() : simulated.open(), options, TransactionListener.NONE);
  }

  /** Whether a cluster is named. */
  public static boolean isGiven() {
    return System.getenv(CLUSTER_FILE) != null;
  }

  private static Database open() {
    return FdbClient.open(FdbClient.Settings.of(Path.of(System.getenv(CLUSTER_FILE))));
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    assumeTrue(otherwise != Otherwise.SKIPPED || isGiven(), CLUSTER_FILE + " is not set");
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (isGiven()) {
      try (Database database = open()) {
        database.run(
            transaction ->
                new DirectoryLayer().removeIfExists(transaction, List.of(parent)).join());
      }
    }
  }
}

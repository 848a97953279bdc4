package io.divan.storage.fdb;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.directory.DirectoryLayer;
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
  private final boolean required;

  private TestCluster(boolean required) {
    this.required = required;
  }

  /** Without a cluster the tests are skipped. */
  public static TestCluster required() {
    return new TestCluster(true);
  }

  /** Without a cluster the tests have a simulated one. */
  public static TestCluster orSimulated() {
    return new TestCluster(false);
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
    FdbAdapter.Options options =
        FdbAdapter.Options.defaults()
            .directory(List.of(parent, directory.getFileName().toString()));
    return new FdbAdapter(
        isGiven() ? open() : simulated.open(), options, TransactionListener.NONE);
  }

  private static boolean isGiven() {
    return System.getenv(CLUSTER_FILE) != null;
  }

  private static Database open() {
    return FdbClient.open(FdbClient.Settings.of(Path.of(System.getenv(CLUSTER_FILE))));
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    assumeTrue(!required || isGiven(), CLUSTER_FILE + " is not set");
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

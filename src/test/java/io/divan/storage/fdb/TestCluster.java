package io.divan.storage.fdb;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.directory.DirectoryLayer;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The cluster named by {@code FDB_CLUSTER_FILE}, for the tests of one class. They use a directory
 * of their own, which is removed after them. If the variable is set and the cluster cannot be
 * reached, the tests fail.
 */
public final class TestCluster implements BeforeAllCallback, AfterAllCallback {
  private static final String CLUSTER_FILE = "FDB_CLUSTER_FILE";

  private final String parent = "divan-test-" + UUID.randomUUID();
  private final SimulatedFoundationDb simulated = new SimulatedFoundationDb();
  private final Otherwise otherwise;

  /** What replaces the cluster if none is named. */
  private enum Otherwise {
    SKIPPED,
    SIMULATED,
    MODEL
  }

  private TestCluster(Otherwise otherwise) {
    this.otherwise = otherwise;
  }

  /** Skips the tests if no cluster is named. */
  public static TestCluster required() {
    return new TestCluster(Otherwise.SKIPPED);
  }

  /** Uses a simulated cluster if none is named. */
  public static TestCluster orSimulated() {
    return new TestCluster(Otherwise.SIMULATED);
  }

  /** Uses the in-memory reference adapter, which is faster, if no cluster is named. */
  public static TestCluster orModel() {
    return new TestCluster(Otherwise.MODEL);
  }

  /** An adapter on a simulated cluster, without the checks of {@code CheckedAdapter}. */
  public static StorageAdapter adapter(SimulatedFoundationDb simulated) {
    return new FdbAdapter(
        simulated.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE);
  }

  /**
   * An adapter with its own directory in the cluster, without the checks of {@code CheckedAdapter}.
   *
   * @param directory the last name of this path becomes the directory's name
   */
  public StorageAdapter adapter(Path directory) {
    return adapter(directory.getFileName().toString());
  }

  /** As above, with a directory that no other adapter uses. */
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

  /** An adapter on the cluster that finds what another process wrote under the same directory. */
  static StorageAdapter lasting(Path directory) {
    List<String> path =
        List.of(lastingParent(directory.getParent()), directory.getFileName().toString());
    FdbAdapter.Options options = FdbAdapter.Options.defaults().directory(path);
    return new FdbAdapter(open(), options, TransactionListener.NONE);
  }

  private static String lastingParent(Path parent) {
    return "divan-test-" + parent.getFileName();
  }

  /**
   * Removes the data that {@link #lasting} adapters have written for directories of {@code parent}.
   */
  static void removeLasting(Path parent) {
    remove(lastingParent(parent));
  }

  private static void remove(String name) {
    Database database = open();
    try {
      database.run(
          transaction -> new DirectoryLayer().removeIfExists(transaction, List.of(name)).join());
    } finally {
      FdbClient.close(database);
    }
  }

  /** Whether {@code FDB_CLUSTER_FILE} is set. */
  public static boolean isGiven() {
    return System.getenv(CLUSTER_FILE) != null;
  }

  private static Database open() {
    return FdbClient.open(
        FdbClient.Settings.of(Path.of(System.getenv(CLUSTER_FILE))), Duration.ofSeconds(30));
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    assumeTrue(otherwise != Otherwise.SKIPPED || isGiven(), CLUSTER_FILE + " is not set");
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (isGiven()) {
      remove(parent);
    }
  }
}

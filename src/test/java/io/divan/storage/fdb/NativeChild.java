package io.divan.storage.fdb;

import static io.divan.storage.Capabilities.openSnapshot;

import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.Watch;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.simulation.Faults.Fault;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.sqlite.SqliteFileAdapter;
import java.nio.file.Path;
import java.time.Duration;

/** The process whose loaded classes {@link FdbClientTest} inspects. */
public final class NativeChild {
  private static final Table ROWS = new Table(30, "rows");

  private NativeChild() {}

  /**
   * Uses the backends that need no client library, or tries to open a cluster.
   *
   * @param arguments {@code others} and a directory, or {@code cluster} and a cluster file
   */
  public static void main(String[] arguments) throws Exception {
    Path path = Path.of(arguments[1]);
    if (arguments[0].equals("others")) {
      SimulatedFoundationDb cluster = new SimulatedFoundationDb();
      cluster.faults().chance(Fault.UNKNOWN_COMMITTED, 0.2);
      cluster.faults().chance(Fault.CONFLICT, 0.2);
      use(
          new FdbAdapter(
              cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE));
      use(
          new SqliteFileAdapter(SqliteFileAdapter.Options.of(path), TransactionListener.NONE));
      System.out.println("used");
      return;
    }
    openTwice(path);
  }

  /** The JVM's second error differs from its first one; prints both refusals if they differ. */
  private static void openTwice(Path clusterFile) {
    String before = "";
    for (int i = 0; i < 2; i++) {
      try {
        FdbClient.close(FdbClient.open(FdbClient.Settings.of(clusterFile), Duration.ZERO));
      } catch (FdbClient.Unusable e) {
        String refused = "refused: " + e.getMessage() + " " + e.action();
        if (!refused.equals(before)) {
          System.out.println(refused);
        }
        before = refused;
      }
    }
  }

  private static void use(StorageAdapter adapter) throws InterruptedException {
    try (StorageAdapter checked = new CheckedAdapter(adapter)) {
      Store store = checked.create("db", transaction -> {});
      byte[] key = {1};
      try (Watch watch = store.read(transaction -> transaction.watch(ROWS, key))) {
        for (int i = 0; i < 20; i++) {
          store.write(
              transaction -> {
                byte[] none = {};
                transaction.add(ROWS, key, 1);
                transaction.putStampedKey(ROWS, key, transaction.stamp(), none, none);
                transaction.bumpConfigVersion();
                return true;
              });
        }
        watch.await(Duration.ofSeconds(10));
      }
      store.sizeBytes();
      openSnapshot(store).close();
      checked.list(NameRange.all());
      checked.delete("db");
      checked.checkHealth();
    }
  }
}

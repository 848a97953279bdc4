package io.divan.storage.fdb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.lease.Leases;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A process that owns a database of a layer, and closes it during the JVM's shutdown. */
public final class EndChild {
  static final Table T = new Table(30, "rows");
  static final byte[] KEY = {1};
  static final Leases.Options LEASES =
      Leases.Options.shared("child").duration(Duration.ofMinutes(10));

  private EndChild() {}

  /**
   * Prints "owned", then waits to be ended.
   *
   * @param arguments the layer, and the directory
   */
  public static void main(String[] arguments) throws InterruptedException {
    StorageAdapter adapter =
        Layer.valueOf(arguments[0]).over(TestCluster.lasting(Path.of(arguments[1])), LEASES);
    Store store = adapter.create("places", transaction -> {});
    put(store, 0);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(adapter, store)));
    System.out.println("owned");
    new CountDownLatch(1).await();
  }

  /** Finishes running work first. */
  private static void end(StorageAdapter adapter, Store store) {
    for (int i = 1; i <= 50; i++) {
      put(store, i);
    }
    adapter.close();
  }

  private static void put(Store store, int number) {
    store.write(
        transaction -> {
          transaction.put(T, KEY, new byte[] {(byte) number});
          return number;
        });
  }
}

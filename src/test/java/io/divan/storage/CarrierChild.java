package io.divan.storage;

import static io.divan.storage.Capabilities.openSnapshot;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The process that {@link CarrierTest} runs with a single carrier. It uses all operations. */
public final class CarrierChild {
  private static final Table ROWS = new Table(30, "rows");
  private static final int CALLERS = 50;
  private static final int TIMES = 20;
  private static final byte[] COUNT = {0};

  private CarrierChild() {}

  /**
   * Runs all operations.
   *
   * @param arguments the class that creates the adapter, and the directory
   */
  public static void main(String[] arguments) throws Exception {
    try (StorageAdapter adapter =
        KillChild.factory(arguments[0]).apply(Path.of(arguments[1]));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Store store = adapter.create("db", transaction -> {});
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        int caller = i;
        ends.add(callers.submit(() -> use(adapter, store, caller)));
      }
      ends.add(callers.submit(() -> watch(store)));
      for (Future<?> end : ends) {
        end.get();
      }
    }
  }

  private static boolean use(StorageAdapter adapter, Store store, int caller) {
    for (int i = 0; i < TIMES; i++) {
      store.write(
          transaction -> {
            transaction.add(ROWS, COUNT, 1);
            return caller;
          });
      store.read(transaction -> transaction.scan(Range.all(ROWS)));
    }
    adapter.create("db" + caller, transaction -> {});
    try (Snapshot snapshot = openSnapshot(store)) {
      snapshot.get(ROWS, COUNT);
    } catch (StorageException.StoreUnavailable e) {
      // The maximum number of snapshots may be open.
    }
    adapter.delete("db" + caller);
    return true;
  }

  /** Waits for each change until the last one. */
  private static boolean watch(Store store) throws InterruptedException {
    record Seen(long count, Watch watch) {}

    while (true) {
      Seen seen =
          store.read(
              transaction -> new Seen(
                  transaction.get(ROWS, COUNT).map(KillChild::number).orElse(0L),
                  transaction.watch(ROWS, COUNT)));
      try (Watch watch = seen.watch()) {
        if (seen.count() == CALLERS * TIMES) {
          return true;
        }
        if (!watch.await(Duration.ofSeconds(30))) {
          throw new IllegalStateException("No change after " + seen.count());
        }
      }
    }
  }
}

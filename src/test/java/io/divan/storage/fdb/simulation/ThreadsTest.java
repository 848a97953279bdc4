package io.divan.storage.fdb.simulation;

import static io.divan.storage.fdb.simulation.Bench.b;
import static org.assertj.core.api.Assertions.assertThat;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.Transaction;
import com.apple.foundationdb.directory.DirectoryLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** One transaction used by many threads; callbacks on an executor. */
class ThreadsTest {

  @Test
  void oneTransaction_manyThreads_keepsAllWrites() {
    Database db = new SimulatedFoundationDb().open();
    Transaction tr = db.createTransaction();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 16; i++) {
        int thread = i;
        threads.execute(
            () -> {
              for (int k = 0; k < 50; k++) {
                tr.set(b("k" + thread + "/" + k), b("v"));
                tr.getRange(b("k" + thread + "/"), b("k" + thread + "0")).asList().join();
              }
            });
      }
    }
    Bench.commit(tr);
    assertThat(Bench.range(db.createTransaction(), "k", "l")).hasSize(800);
  }

  @Test
  void callbacksOfWatches_runOnTheExecutor() {
    ThreadFactory named = work -> Thread.ofPlatform().name("mine").unstarted(work);
    try (ExecutorService threads = Executors.newSingleThreadExecutor(named)) {
      SimulatedFoundationDb cluster = new SimulatedFoundationDb();
      Database db = cluster.open(threads);
      Transaction tr = db.createTransaction();
      AtomicReference<String> thread = new AtomicReference<>("");
      CompletableFuture<Void> done =
          tr.watch(b("k")).thenRun(() -> thread.set(Thread.currentThread().getName()));
      Bench.commit(tr);
      cluster.open().run(
          other -> {
            other.set(b("k"), b("v"));
            return true;
          });
      done.join();
      assertThat(thread).hasValue("mine");
    }
  }

  @Test
  void directories_onAPoolOfThreads_work() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Database db = new SimulatedFoundationDb().open(threads);
      List<CompletableFuture<String>> prefixes = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        prefixes.add(
            new DirectoryLayer()
                .createOrOpen(db, List.of("d" + i))
                .thenApply(directory -> Bench.s(directory.pack())));
      }
      assertThat(prefixes.stream().map(CompletableFuture::join)).doesNotHaveDuplicates();
      assertThat(new DirectoryLayer().list(db).join()).hasSize(20);
    }
  }
}

package io.divan.storage.fdb.simulation;

import static io.divan.storage.fdb.simulation.Bench.b;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.Transaction;
import io.divan.storage.Seeds;
import io.divan.storage.fdb.simulation.Faults.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** A run depends only on its seed, waits by its own clock, and always ends. */
class SimulatedClientsTest {

  private static void add(Transaction tr, String key) {
    byte[] old = tr.get(b(key)).join();
    tr.set(b(key), b(old == null ? "1" : "" + (Integer.parseInt(Bench.s(old)) + 1)));
  }

  /** The log of a run in which clients increment counters under faults: one line per commit. */
  private static List<String> history(long seed) {
    SimulatedClients clients = new SimulatedClients(seed);
    SimulatedFoundationDb cluster = new SimulatedFoundationDb(clients);
    for (Fault fault : Fault.values()) {
      cluster.faults().chance(fault, 0.02);
    }
    List<String> history = Collections.synchronizedList(new ArrayList<>());
    for (int c = 0; c < 4; c++) {
      Database db = cluster.open();
      String name = "c" + c;
      clients.start(
          name,
          () -> {
            for (int i = 0; i < 10; i++) {
              db.run(
                  tr -> {
                    add(tr, "shared");
                    return true;
                  });
              history.add(name + " " + clients.nanos());
            }
          });
    }
    clients.run();
    history.add(clients.steps() + " steps, trace " + clients.trace());
    history.add("" + cluster.open().read(tr -> Bench.get(tr, "shared")));
    return history;
  }

  @Test
  void run_sameSeed_isRepeated() {
    long seed = Seeds.seed(99);
    assertThat(history(seed)).as(Seeds.replay(seed)).isEqualTo(history(seed));
  }

  @Test
  void run_otherSeed_differs() {
    Set<List<String>> histories = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      histories.add(history(seed));
    }
    assertThat(histories).hasSize(20);
  }

  @Test
  void contendedCounter_withoutFaults_countsExactly() {
    SimulatedClients clients = new SimulatedClients(Seeds.seed(5));
    SimulatedFoundationDb cluster = new SimulatedFoundationDb(clients);
    int[] attempts = {0};
    for (int c = 0; c < 6; c++) {
      Database db = cluster.open();
      clients.start(
          "c" + c,
          () -> {
            for (int i = 0; i < 20; i++) {
              db.run(
                  tr -> {
                    attempts[0]++;
                    add(tr, "n");
                    return true;
                  });
            }
          });
    }
    clients.run();
    assertThat(cluster.open().<String>read(tr -> Bench.get(tr, "n"))).isEqualTo("120");
    assertThat(attempts[0]).as("there were conflicts").isGreaterThan(120);
  }

  @Test
  void watch_join_andTimeOutOnTheSimulatedClock() {
    SimulatedClients clients = new SimulatedClients(Seeds.seed(6));
    SimulatedFoundationDb cluster = new SimulatedFoundationDb(clients);
    Database db = cluster.open();
    List<String> seen = new ArrayList<>();
    clients.start(
        "watcher",
        () -> {
          Transaction tr = db.createTransaction();
          CompletableFuture<Void> watch = tr.watch(b("k"));
          Bench.commit(tr);
          long before = clients.nanos();
          assertThatThrownBy(() -> watch.get(10, TimeUnit.MINUTES))
              .isInstanceOf(TimeoutException.class);
          seen.add("timed out");
          assertThat(clients.nanos() - before)
              .isGreaterThanOrEqualTo(Duration.ofMinutes(10).toNanos());
          watch.thenApply(done -> "fired").thenAccept(seen::add).join();
        });
    clients.start(
        "writer",
        () -> {
          clients.sleep(Duration.ofHours(1));
          seen.add("writing");
          db.run(
              tr -> {
                tr.set(b("k"), b("v"));
                return true;
              });
        });
    clients.run();
    assertThat(seen).containsExactly("timed out", "writing", "fired");
    assertThat(clients.clock().instant()).isAfter("2030-01-01T01:00:00Z");
  }

  @Test
  void futureTimeOuts_followTheSimulatedClock() {
    SimulatedClients clients = new SimulatedClients(Seeds.seed(7));
    List<String> seen = new ArrayList<>();
    clients.start(
        "a",
        () -> {
          CompletableFuture<String> late = clients.future();
          seen.add(late.completeOnTimeout("late", 1, TimeUnit.DAYS).join());
          CompletableFuture<String> never = clients.future();
          assertThatThrownBy(() -> never.orTimeout(1, TimeUnit.DAYS).join())
              .hasCauseInstanceOf(TimeoutException.class);
        });
    clients.run();
    assertThat(seen).containsExactly("late");
    assertThat(clients.nanos()).isGreaterThanOrEqualTo(Duration.ofDays(2).toNanos());
  }

  @Test
  void run_clientsWaitForEachOther_fails() {
    SimulatedClients clients = new SimulatedClients(3);
    CompletableFuture<String> a = clients.future();
    CompletableFuture<String> b = clients.future();
    clients.start("first", () -> b.complete(a.join()));
    clients.start("second", () -> a.complete(b.join()));
    assertThatThrownBy(clients::run)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("All clients wait")
        .hasMessageContaining("-Ddivan.seed=3");
  }

  @Test
  void run_clientFails_stopsTheOthersAndNamesTheSeed() {
    SimulatedClients clients = new SimulatedClients(12);
    clients.start(
        "endless",
        () -> {
          while (true) {
            clients.turn();
          }
        });
    clients.start(
        "broken",
        () -> {
          clients.turn();
          throw new IllegalStateException("mine");
        });
    assertThatThrownBy(clients::run)
        .hasMessageContaining("client broken")
        .hasMessageContaining("mine")
        .hasMessageContaining("-Ddivan.seed=12");
  }

  @Test
  void run_foreignThread_isRefused_startedClientIsNot() {
    SimulatedClients clients = new SimulatedClients(Seeds.seed(8));
    Database db = new SimulatedFoundationDb(clients).open();
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    clients.start(
        "a",
        () -> {
          Thread strange =
              Thread.ofPlatform().start(
                  () -> {
                    try {
                      Bench.get(db.createTransaction(), "k");
                    } catch (IllegalStateException e) {
                      seen.add("refused");
                    }
                  });
          strange.join();
          CompletableFuture<String> done = clients.future();
          clients.executor().execute(
              () -> {
                Bench.get(db.createTransaction(), "k");
                done.complete("started");
              });
          seen.add(done.join());
        });
    clients.run();
    assertThat(seen).containsExactly("refused", "started");
  }
}

package io.divan.query.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.Faults.Fault;
import io.divan.storage.fdb.simulation.SimulatedClients;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Several instances build and clear indexes, and stop between transactions, while others change
 * documents and definitions, over one simulated cluster with faults. {@code -Ddivan.programs=N}
 * runs more seeds, {@code -Ddivan.seed=N -Ddivan.programs=1} the one that failed.
 */
class FdbDocumentIndexesTest {
  private static final int INSTANCES = 3;

  private static final Map<Fault, Double> CHANCES =
      Map.of(
          Fault.CONFLICT, 0.2,
          Fault.UNKNOWN_COMMITTED, 0.3,
          Fault.UNKNOWN_NOT_COMMITTED, 0.2,
          Fault.TOO_OLD_READ, 0.03,
          Fault.TOO_OLD_COMMIT, 0.1,
          Fault.PROCESS_BEHIND, 0.03,
          Fault.CLUSTER_VERSION_CHANGED, 0.1,
          Fault.DELAY, 0.03,
          Fault.RESTART, 0.03);

  @Test
  void build_besideWriters_equalsARecount() {
    long seed = Seeds.seed(20_262_500);
    int programs = Integer.getInteger("divan.programs", 20);
    AtomicInteger compared = new AtomicInteger();
    LongStream.range(seed, seed + programs)
        .parallel()
        .forEach(
            one -> {
              try {
                compared.addAndGet(run(one));
              } catch (AssertionError | RuntimeException e) {
                fail(Seeds.replay(one) + " -Ddivan.programs=1", e);
              }
            });
    assertThat(compared.get()).as("indexes compared").isPositive();
  }

  /** Returns the number of indexes compared. */
  private static int run(long seed) {
    Random random = new Random(seed);
    SimulatedClients clients = new SimulatedClients(seed);
    SimulatedFoundationDb cluster = new SimulatedFoundationDb(clients);
    List<StorageAdapter> adapters = new ArrayList<>();
    List<Database> databases = new ArrayList<>();
    for (int i = 0; i < INSTANCES; i++) {
      adapters.add(adapter(clients, cluster));
      Databases instance =
          new Databases(
              adapters.get(i),
              Clock.systemUTC(),
              store -> commit -> {},
              IndexHooks.WITHOUT_BUILDS);
      if (i == 0) {
        instance.create("db");
      }
      databases.add(instance.open("db", Principal.SERVER_ADMIN));
    }
    for (int i = 0; i < 4; i++) {
      Database database = databases.get(i % INSTANCES);
      long own = random.nextLong();
      clients.start("writer " + i, () -> write(database, new Random(own)));
    }
    for (int i = 0; i < 2; i++) {
      Database database = databases.get(i + 1);
      long own = random.nextLong();
      clients.start("builder " + i, () -> build(database, clients, new Random(own)));
    }
    double strength = random.nextInt(8) == 0 ? 0 : random.nextDouble();
    for (Fault fault : Fault.values()) {
      cluster
          .faults()
          .chance(fault, strength * random.nextDouble() * CHANCES.getOrDefault(fault, 0.0));
    }
    clients.run();
    cluster.faults().clear();
    int compared = IndexRecount.finish(databases.getFirst().store());
    adapters.forEach(StorageAdapter::close);
    return compared;
  }

  private static StorageAdapter adapter(SimulatedClients clients, SimulatedFoundationDb cluster) {
    FdbAdapter.Options options =
        FdbAdapter.Options.defaults()
            .bounds(Duration.ofHours(1), 1_000)
            .maintenance(100, Duration.ofSeconds(1), false)
            .sources(clients.random(), clients.clock());
    return new CheckedAdapter(
        new FdbAdapter(cluster.open(), options, TransactionListener.NONE));
  }

  private static void write(Database database, Random random) {
    for (int i = 0; i < 15; i++) {
      IndexProgram.change(database, random);
    }
  }

  private static void build(Database database, SimulatedClients clients, Random random) {
    for (int i = 0; i < 20; i++) {
      int[] transactions = {random.nextInt(5)};
      boolean worked =
          new IndexWork(
              database.store(),
              () -> transactions[0]-- <= 0,
              IndexWork.Progress.NONE,
              1 + random.nextInt(4))
              .step();
      if (!worked) {
        clients.sleep(Duration.ofMillis(5));
      }
    }
  }
}

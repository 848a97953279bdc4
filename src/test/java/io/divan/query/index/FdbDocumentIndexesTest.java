package io.divan.query.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.storage.fdb.ProgramCluster;
import io.divan.storage.fdb.simulation.SimulatedClients;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Several instances build and clear indexes, and stop between transactions, while others change
 * documents and definitions, over one simulated cluster with faults. {@code -Ddivan.programs=N}
 * runs more seeds, {@code -Ddivan.seed=N -Ddivan.programs=1} the one that failed.
 */
class FdbDocumentIndexesTest {
  private static final int INSTANCES = 3;

  @Test
  void build_besideWriters_equalsARecount() {
    int compared = ProgramCluster.programs(20_262_500, 20, FdbDocumentIndexesTest::run);
    assertThat(compared).as("indexes compared").isPositive();
  }

  /** Returns the number of indexes compared. */
  private static int run(long seed) {
    Random random = new Random(seed);
    try (ProgramCluster cluster = new ProgramCluster(seed)) {
      return run(cluster, random);
    }
  }

  private static int run(ProgramCluster cluster, Random random) {
    SimulatedClients clients = cluster.clients();
    List<Database> databases = new ArrayList<>();
    for (int i = 0; i < INSTANCES; i++) {
      Databases instance =
          new Databases(
              cluster.open(),
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
    cluster.run(random);
    return IndexRecount.finish(databases.getFirst().store());
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

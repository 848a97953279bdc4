package io.divan.storage.fdb.simulation;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.FDB;
import com.apple.foundationdb.Range;
import io.divan.storage.Seeds;
import io.divan.storage.fdb.simulation.Program.Shape;
import io.divan.storage.fdb.simulation.Program.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Compares the results and errors of random programs on the simulation with those on the cluster
 * named by {@code FDB_CLUSTER_FILE}. All keys have a prefix of their own and are cleared at the
 * end. Without the variable the test is skipped; if the cluster cannot be reached, it fails.
 */
class ClusterFidelityTest {

  private static final int PROGRAMS = Integer.getInteger("divan.programs", 300);
  private static final int GUARDS = 30;

  private static void prepare(Database db, String prefix) {
    db.run(
        tr -> {
          tr.clear(Range.startsWith(Bench.b(prefix)));
          // No selector walks further out of a program's keys than these.
          for (int i = 0; i < GUARDS; i++) {
            tr.set(Bench.b(prefix + "!" + (char) (' ' + i)), Bench.b("before"));
            tr.set(Bench.b(prefix + "~" + (char) (' ' + i)), Bench.b("after"));
          }
          return true;
        });
  }

  private static List<String> results(Database db, Program program, int clients, String prefix) {
    prepare(db, prefix);
    List<String> results = new ArrayList<>();
    try (ProgramRunner runner = new ProgramRunner(db, prefix, clients)) {
      for (Step step : program.steps()) {
        results.add(ProgramRunner.printable(step + " -> " + runner.run(step)));
      }
    }
    return results;
  }

  private static void compare(Database cluster, String prefix, long seed, Shape shape) {
    Program program = Program.of(seed, shape);
    Database simulated = new SimulatedFoundationDb().open();
    List<String> real = results(cluster, program, shape.clients(), prefix);
    List<String> ours = results(simulated, program, shape.clients(), prefix);
    for (int i = 0; i < real.size(); i++) {
      if (!real.get(i).equals(ours.get(i))) {
        fail(
            String.join("\n", real.subList(0, i)) + "\ncluster:    " + real.get(i)
                + "\nsimulation: " + ours.get(i) + "\n" + Seeds.replay(seed));
      }
    }
  }

  @Test
  void programs_onACluster_haveTheSimulationsResults() {
    assumeTrue(System.getenv("FDB_CLUSTER_FILE") != null, "FDB_CLUSTER_FILE is not set");
    Database cluster = FDB.selectAPIVersion(730).open(System.getenv("FDB_CLUSTER_FILE"));
    cluster.options().setTransactionTimeout(10_000);
    String prefix = "divan-fidelity-" + UUID.randomUUID() + "/";
    try {
      if (Long.getLong("divan.seed") != null) {
        compare(cluster, prefix, Seeds.seed(0), new Shape(1, 40, true));
        compare(cluster, prefix, Seeds.seed(0), new Shape(4, 80, true));
        return;
      }
      for (int i = 0; i < PROGRAMS; i++) {
        compare(cluster, prefix, i, new Shape(1, 40, true));
        compare(cluster, prefix, i, new Shape(4, 80, true));
      }
    } finally {
      cluster.run(
          tr -> {
            tr.clear(Range.startsWith(Bench.b(prefix)));
            return true;
          });
      cluster.close();
    }
  }

  @Test
  void programs_runTwice_haveTheSameResults() {
    for (int seed = 0; seed < 50; seed++) {
      compare(new SimulatedFoundationDb().open(), "p/", seed, new Shape(4, 80, true));
    }
  }
}

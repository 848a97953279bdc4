package io.divan.storage.fdb.simulation;

import static org.assertj.core.api.Assertions.fail;

import io.divan.storage.Seeds;
import io.divan.storage.fdb.simulation.Program.Shape;
import io.divan.storage.fdb.simulation.Program.Step;
import io.divan.storage.fdb.simulation.ProgramRunner.StepResult;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random programs, of which each step is checked by the model. */
class ProgramTest {

  private static final int PROGRAMS = Integer.getInteger("divan.programs", 1_000);

  /** The log up to the first wrong result; empty if all are correct. */
  private static List<String> failure(Program program, int clients) {
    List<String> log = new ArrayList<>();
    SimulatedFoundationDb cluster =
        new SimulatedFoundationDb(new ManualTiming(), new SplittableRandom(1));
    ProgramModel model = new ProgramModel(clients);
    try (ProgramRunner runner = new ProgramRunner(cluster.open(), "", clients)) {
      for (Step step : program.steps()) {
        StepResult result = runner.run(step);
        log.add(ProgramRunner.printable(step + " -> " + result));
        String wrong = model.check(step, result);
        if (!wrong.isEmpty()) {
          log.add(ProgramRunner.printable(wrong));
          return log;
        }
      }
    }
    if (cluster.keys() != model.data().size()) {
      log.add(cluster.keys() + " keys instead of " + model.data().size());
      return log;
    }
    return List.of();
  }

  private static void run(long seed, Shape shape) {
    Program program = Program.of(seed, shape);
    List<String> failure = failure(program, shape.clients());
    if (failure.isEmpty()) {
      return;
    }
    for (int i = program.steps().size() - 1; i >= 0; i--) {
      List<Step> fewer = new ArrayList<>(program.steps());
      fewer.remove(i);
      List<String> still = failure(new Program(fewer), shape.clients());
      if (!still.isEmpty()) {
        failure = still;
        program = new Program(fewer);
      }
    }
    fail(String.join("\n", failure) + "\n" + Seeds.replay(seed));
  }

  private static void runAll(long usual, Shape shape) {
    if (Long.getLong("divan.seed") != null) {
      run(Seeds.seed(usual), shape);
      return;
    }
    for (int i = 0; i < PROGRAMS; i++) {
      run(usual + i, shape);
    }
  }

  @Test
  void oneClient_hasTheModelsResults() {
    runAll(10_000, new Shape(1, 40, false));
  }

  @Test
  void severalClients_haveTheModelsResults() {
    runAll(500_000, new Shape(4, 80, false));
  }
}

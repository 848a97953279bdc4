package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.divan.storage.Seeds;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.Faults.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Random programs of eight clients on two instances of the service over one simulated cluster that
 * fails as often as a seed says, compared with a model of one client. {@code -Ddivan.programs=N}
 * runs more of them, {@code -Ddivan.seed=N -Ddivan.programs=1} the one that failed.
 */
class FdbProgramsTest {
  private static final int CLIENTS = 8;
  private static final int OPERATIONS_MAX = 200;
  private static final int SHRINK_RUNS_MAX = 500;

  /** Of each kind that a client of the service must not notice: how often, at most. */
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

  /** Turns the dials of the faults of one run. */
  private interface Dials {
    void turn(Faults faults, Random random);
  }

  /** What each client does. */
  private record Program(List<List<ModelProgram.Operation>> clients) {

    static Program random(Random random) {
      int length = random.nextInt(50) == 0 ? OPERATIONS_MAX : 12;
      List<List<ModelProgram.Operation>> clients = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        List<ModelProgram.Operation> operations = new ArrayList<>();
        for (int i = random.nextInt(length); i >= 0; i--) {
          operations.add(
              random.nextInt(30) == 0
                  ? new ModelProgram.RevsLimit(1 + random.nextInt(6))
                  : ModelProgram.small(random));
        }
        clients.add(operations);
      }
      return new Program(clients);
    }

    /** Without a part of what one client does. */
    Program without(int client, int from, int to) {
      List<List<ModelProgram.Operation>> fewer = new ArrayList<>(clients);
      List<ModelProgram.Operation> operations = new ArrayList<>(clients.get(client));
      operations.subList(from, to).clear();
      fewer.set(client, operations);
      return new Program(fewer);
    }
  }

  @Test
  void programs_ofEightClients_answerAsTheModel() {
    long seed = Seeds.seed(20_261_000);
    int programs = Integer.getInteger("divan.programs", 500);
    runAll(seed, programs, FdbProgramsTest::turn);
  }

  @Test
  void programs_ofWhichEveryResultIsUnknown_answerAsTheModel() {
    long seed = Seeds.seed(20_262_000);
    int programs = Integer.getInteger("divan.programs", 500) / 20 + 1;
    runAll(
        seed,
        programs,
        (faults, random) -> {
          faults.chance(Fault.UNKNOWN_COMMITTED, 1);
          faults.chance(Fault.UNKNOWN_NOT_COMMITTED, 0.5);
          faults.chance(Fault.CONFLICT, 0.1);
        });
  }

  @Test
  void program_underTheSameSeed_goesTheSameWay() {
    long seed = Seeds.seed(20_263_000);
    Random random = new Random(seed);
    Program program = Program.random(random);
    List<Long> traces = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      assertThat(run(program, seed, FdbProgramsTest::turn, traces::add))
          .as(Seeds.replay(seed)).isEmpty();
    }
    assertThat(traces).as(Seeds.replay(seed)).hasSize(3).containsOnly(traces.getFirst());
    run(program, seed + 1, FdbProgramsTest::turn, traces::add);
    assertThat(traces.getLast()).isNotEqualTo(traces.getFirst());
  }

  private static void runAll(long seed, int programs, Dials dials) {
    OptionalLong failed =
        LongStream.range(seed, seed + programs)
            .parallel()
            .filter(one -> run(Program.random(new Random(one)), one, dials).isPresent())
            .findAny();
    failed.ifPresent(one -> tell(one, dials));
  }

  private static void tell(long seed, Dials dials) {
    Program small = shrink(Program.random(new Random(seed)), seed, dials);
    StringBuilder message = new StringBuilder(Seeds.replay(seed));
    message.append(" -Ddivan.programs=1\n");
    for (int client = 0; client < CLIENTS; client++) {
      for (ModelProgram.Operation operation : small.clients().get(client)) {
        message.append("  ").append(client).append(": ").append(operation).append('\n');
      }
    }
    fail(message.toString().replace("\0", "\\0"), run(small, seed, dials).orElse(null));
  }

  private static Optional<Throwable> run(Program program, long seed, Dials dials) {
    return run(program, seed, dials, trace -> {});
  }

  private static Optional<Throwable> run(
      Program program, long seed, Dials dials, LongConsumer trace) {
    Random random = new Random(seed);
    int retriesMax = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1_000;
    try (SimulatedService service = new SimulatedService(seed, 2, retriesMax)) {
      ServiceHistory history = new ServiceHistory(service);
      for (int i = 0; i < CLIENTS; i++) {
        int client = i;
        service.clients().start(
            "" + client,
            () -> program.clients().get(client).forEach(
                operation -> history.perform(client, operation)));
      }
      dials.turn(service.faults(), random);
      service.clients().run();
      trace.accept(service.clients().trace());
      service.faults().clear();
      if (retriesMax > 100) {
        assertThat(history.failures()).as("failures").isZero();
      }
      history.check(random);
      return Optional.empty();
    } catch (AssertionError | RuntimeException e) {
      return Optional.of(e);
    }
  }

  /** All kinds of faults; in one run of eight none. */
  private static void turn(Faults faults, Random random) {
    double strength = random.nextInt(8) == 0 ? 0 : random.nextDouble();
    for (Fault fault : Fault.values()) {
      faults.chance(fault, strength * random.nextDouble() * CHANCES.getOrDefault(fault, 0.0));
    }
  }

  /** Takes out what can be missing while the program still fails. */
  private static Program shrink(Program program, long seed, Dials dials) {
    Program small = program;
    int runs = 0;
    for (int size = OPERATIONS_MAX; size > 0; size /= 2) {
      for (int client = 0; client < CLIENTS; client++) {
        int from = 0;
        while (from < small.clients().get(client).size() && runs++ < SHRINK_RUNS_MAX) {
          int to = Math.min(from + size, small.clients().get(client).size());
          Program candidate = small.without(client, from, to);
          if (run(candidate, seed, dials).isPresent()) {
            small = candidate;
          } else {
            from = to;
          }
        }
      }
    }
    return small;
  }
}

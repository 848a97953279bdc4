package io.divan.storage.fdb;

import static org.junit.jupiter.api.Assertions.fail;

import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.Faults.Fault;
import io.divan.storage.fdb.simulation.SimulatedClients;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongToIntFunction;
import java.util.stream.LongStream;

/** A simulated cluster with faults, and the instances of the service that use it. */
public final class ProgramCluster implements AutoCloseable {
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

  private final SimulatedClients clients;
  private final SimulatedFoundationDb cluster;
  private final List<StorageAdapter> adapters = new ArrayList<>();

  public ProgramCluster(long seed) {
    clients = new SimulatedClients(seed);
    cluster = new SimulatedFoundationDb(clients);
  }

  /**
   * Runs programs at the same time, each with a seed of its own, and returns the sum of their
   * results. {@code -Ddivan.programs=N} runs more, {@code -Ddivan.seed=N -Ddivan.programs=1} the
   * one that failed.
   *
   * @param first the seed of the first program
   */
  public static int programs(long first, int usual, LongToIntFunction program) {
    long seed = Seeds.seed(first);
    int programs = Integer.getInteger("divan.programs", usual);
    AtomicInteger results = new AtomicInteger();
    LongStream.range(seed, seed + programs)
        .parallel()
        .forEach(
            one -> {
              try {
                results.addAndGet(program.applyAsInt(one));
              } catch (AssertionError | RuntimeException e) {
                fail(Seeds.replay(one) + " -Ddivan.programs=1", e);
              }
            });
    return results.get();
  }

  /** Returns the clients, which run one at a time. */
  public SimulatedClients clients() {
    return clients;
  }

  /** Opens the adapter of another instance. */
  public StorageAdapter open() {
    FdbAdapter.Options options =
        FdbAdapter.Options.defaults()
            .bounds(Duration.ofHours(1), 1_000)
            .maintenance(100, Duration.ofSeconds(1), false)
            .sources(clients.random(), clients.clock());
    StorageAdapter adapter =
        new CheckedAdapter(new FdbAdapter(cluster.open(), options, TransactionListener.NONE));
    adapters.add(adapter);
    return adapter;
  }

  /** Sets the dials of all faults, in one of eight programs to none. */
  public static void faults(Faults faults, Random random) {
    double strength = random.nextInt(8) == 0 ? 0 : random.nextDouble();
    for (Fault fault : Fault.values()) {
      faults.chance(fault, strength * random.nextDouble() * CHANCES.getOrDefault(fault, 0.0));
    }
  }

  /** Runs the clients while faults strike, until they end. */
  public void run(Random random) {
    faults(cluster.faults(), random);
    clients.run();
    cluster.faults().clear();
  }

  @Override
  public void close() {
    adapters.forEach(StorageAdapter::close);
  }
}

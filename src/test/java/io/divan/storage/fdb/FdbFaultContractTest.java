package io.divan.storage.fdb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract on clusters that fail, each seed with other dials. {@code -Ddivan.fault.seeds=N}
 * runs more of them. Clients run on threads here, so a seed chooses how often what fails, not when:
 * for that there are the programs, which replay.
 */
@ParameterizedClass
@MethodSource("seeds")
class FdbFaultContractTest extends StorageContractTest {
  @Parameter long seed;

  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("divan.fault.seeds", 20));
  }

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    RandomGenerator random = new Random(seed);
    Faults faults = cluster.faults();
    faults.chance(Faults.Fault.CONFLICT, random.nextDouble() * 0.1);
    faults.chance(Faults.Fault.UNKNOWN_COMMITTED, random.nextDouble() * 0.1);
    faults.chance(Faults.Fault.UNKNOWN_NOT_COMMITTED, random.nextDouble() * 0.1);
    faults.chance(Faults.Fault.CLUSTER_VERSION_CHANGED, random.nextDouble() * 0.05);
    faults.chance(Faults.Fault.TOO_OLD_COMMIT, random.nextDouble() * 0.05);
    return new FdbAdapter(
        cluster.open(),
        FdbAdapter.Options.defaults().bounds(Duration.ofSeconds(20), 1_000),
        TransactionListener.NONE);
  }

  /** It counts how often its work runs. */
  @Override
  @Test
  public void snapshot_whatItReadWasChanged_isNoConflict() {
    cluster.faults().clear();
    super.snapshot_whatItReadWasChanged_isNoConflict();
  }
}

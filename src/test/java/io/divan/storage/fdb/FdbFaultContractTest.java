package io.divan.storage.fdb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The storage contract on clusters with faults; each seed sets other dials. {@code
 * -Ddivan.fault.seeds=N} runs more seeds, {@code -Ddivan.fault.seed=N} repeats a failed one. A seed
 * determines the faults that each thread meets, but not how threads interleave; the tests of
 * programs cover that.
 */
@ParameterizedClass
@MethodSource("seeds")
class FdbFaultContractTest extends StorageContractTest {
  /** Some transactions read hundreds of keys, and fail if a single read fails. */
  private static final double READ_FAULTS = 0.001;

  /** Snapshots that outlive a function cannot move to another version, so they report the fault. */
  private static final Pattern SNAPSHOT_TESTS =
      Pattern.compile(
          "(?i).*snapshot.*|operations_fromOneSeed_haveOneHistory|.*_oldHandle_.*");

  private final long seed;
  private final SimulatedFoundationDb cluster;

  FdbFaultContractTest(long seed) {
    this.seed = seed;
    this.cluster = new SimulatedFoundationDb(seed);
  }

  static LongStream seeds() {
    Long one = Long.getLong("divan.fault.seed");
    return one == null
        ? LongStream.range(0, Long.getLong("divan.fault.seeds", 8))
        : LongStream.of(one);
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
    faults.chance(Faults.Fault.LOST_WATCH, seed % 4 == 0 ? 0.5 : 0);
    FdbAdapter.Options options =
        FdbAdapter.Options.defaults()
            .bounds(Duration.ofSeconds(20), 1_000)
            .maintenance(5_000, Duration.ofMillis(20), true)
            .sources(new Random(seed), InstantSource.system());
    return new FdbAdapter(cluster.open(), options, TransactionListener.NONE);
  }

  @BeforeEach
  void failReads(TestInfo test) {
    if (!SNAPSHOT_TESTS.matcher(test.getTestMethod().orElseThrow().getName()).matches()) {
      cluster.faults().chance(Faults.Fault.TOO_OLD_READ, READ_FAULTS);
    }
    cluster.faults().chance(Faults.Fault.PROCESS_BEHIND, READ_FAULTS);
  }

  /** Repeats the other transactions' changes whenever the work is retried. */
  @Override
  @Test
  public void read_writerCommits_seesOneMoment() {
    cluster.faults().clear();
    super.read_writerCommits_seesOneMoment();
  }

  /** Counts the runs of its work. */
  @Override
  @Test
  public void snapshot_whatItReadWasChanged_isNoConflict() {
    cluster.faults().clear();
    super.snapshot_whatItReadWasChanged_isNoConflict();
  }
}

package io.divan.record.store;

import io.divan.record.index.Backend;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.fdb.ProgramCluster;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random schemas that evolve, and random changes of their records by instances that crash, on every
 * backend, with faults of the cluster; records and indexes must equal a model. {@code
 * -Ddivan.programs=N} runs more programs, {@code -Ddivan.seed=N -Ddivan.programs=1} the one that
 * failed.
 */
@Timeout(600)
class RecordModelTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void changes_random_equalTheModel(Backend backend) {
    long seed = Seeds.seed(20_261_121);
    int programs = Integer.getInteger("divan.programs", backend == Backend.REFERENCE ? 20 : 2);
    SimulatedFoundationDb cluster = new SimulatedFoundationDb(seed);
    StorageAdapter adapter = backend.open(directory, cluster);
    try {
      for (long one = seed; one < seed + programs; one++) {
        Store store = adapter.create("db" + one, transaction -> {});
        ProgramCluster.faults(cluster.faults(), new Random(one));
        try {
          new RecordProgram(store, new Random(one)).run();
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(Seeds.replay(one) + " -Ddivan.programs=1", e);
        }
        cluster.faults().clear();
        if (backend.hasFiles()) {
          adapter.close();
          adapter = backend.open(directory);
        }
        adapter.delete("db" + one);
      }
    } finally {
      adapter.close();
    }
  }
}

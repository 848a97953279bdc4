package io.divan.query.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.maintenance.DatabaseCheck;
import io.divan.document.maintenance.TestCompaction;
import io.divan.record.index.Backend;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random edits of documents and of the definitions of their indexes, on every backend: the indexes
 * equal a recount at any time. {@code -Ddivan.programs=N} runs more, {@code -Ddivan.seed=N
 * -Ddivan.programs=1} the one that failed.
 */
class DocumentIndexProgramsTest {

  @ParameterizedTest
  @EnumSource
  void indexes_afterAnyEdits_equalARecount(Backend backend, @TempDir Path directory) {
    long first = Seeds.seed(20_262_400);
    int programs = Integer.getInteger("divan.programs", backend == Backend.REFERENCE ? 100 : 4);
    int compared = 0;
    try (StorageAdapter adapter = backend.open(directory)) {
      Databases databases =
          new Databases(
              adapter, Clock.systemUTC(), store -> commit -> {}, IndexHooks.WITHOUT_BUILDS);
      for (long seed = first; seed < first + programs; seed++) {
        databases.create("db");
        try {
          compared += run(databases.open("db", Principal.SERVER_ADMIN), new Random(seed));
        } catch (AssertionError | RuntimeException e) {
          fail(Seeds.replay(seed) + " -Ddivan.programs=1", e);
        }
        databases.delete("db");
      }
    }
    assertThat(compared).as("indexes compared").isPositive();
  }

  private static int run(Database database, Random random) {
    int compared = 0;
    for (int i = 10 + random.nextInt(60); i > 0; i--) {
      IndexProgram.change(database, random);
      if (random.nextInt(8) == 0) {
        int[] transactions = {random.nextInt(4)};
        new IndexWork(
            database.store(), () -> transactions[0]-- <= 0, IndexWork.Progress.NONE, 3)
            .step();
        compared += IndexRecount.compare(database.store());
      }
      if (random.nextInt(20) == 0) {
        TestCompaction.compact(database);
      }
    }
    compared += IndexRecount.finish(database.store());
    TestCheck check = new TestCheck();
    IndexCheck.run(database, check);
    assertThat(check.problems()).isEmpty();
    assertThat(DatabaseCheck.problems(database)).isEmpty();
    return compared;
  }
}

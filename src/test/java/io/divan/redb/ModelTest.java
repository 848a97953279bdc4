package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Compares random transactions on several tables with maps. {@code -Ddivan.programs=N} sets the
 * number of programs; {@code -Ddivan.seed=N} runs one of them.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class ModelTest {
  private static final Data.Scale LARGE = new Data.Scale(1_500, 10_000, 3 << 20, 200);
  private static final Data.Scale DENSE = new Data.Scale(6_000, 60, 300, 3_000);

  @Test
  void randomOperations_largeValues_matchMaps() {
    programs(60, LARGE, 60);
  }

  @Test
  void randomOperations_manySmallRows_matchMaps() {
    programs(40, DENSE, 400);
  }

  @Test
  void randomOperations_fewRows_matchMaps() {
    programs(500, Program.SMALL, 15);
  }

  private static void programs(long count, Data.Scale scale, int stepsMax) {
    for (long i = 1; i <= Replay.count("divan.programs", count); i++) {
      long seed = Replay.seed(i);
      try {
        new Run(seed, scale, stepsMax).run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(Replay.with(seed) + ": " + e, e);
      }
    }
  }

  /** One database, opened several times. */
  private static final class Run {
    private final SplittableRandom random;
    private final Data.Scale scale;
    private final int stepsMax;
    private final Redb.Options options;
    private final Deque<Held> held = new ArrayDeque<>();
    private SimulatedDisk disk = new SimulatedDisk();
    private Redb database;
    private Model durable = new Model();
    private Model latest = durable;

    private record Held(ReadTxn read, Model model) {}

    Run(long seed, Data.Scale scale, int stepsMax) {
      random = new SplittableRandom(seed);
      this.scale = scale;
      this.stepsMax = stepsMax;
      options = new Redb.Options(true, 64L << 10 << random.nextInt(10));
      database = Redb.open(disk, "model", options);
    }

    void run() {
      int transactions = 5 + random.nextInt(40);
      for (int i = 0; i < transactions; i++) {
        step();
      }
      releaseAll();
      database.checkIntegrity();
      reopen(true);
      database.checkIntegrity();
      Balance.check(database.stats());
      database.close();
    }

    private void step() {
      int dice = random.nextInt(100);
      if (dice < 15) {
        if (held.size() < 5) {
          held.add(new Held(database.beginRead(), latest));
        }
      } else if (dice < 25) {
        if (!held.isEmpty()) {
          release();
        }
      } else if (dice < 28) {
        reopen(random.nextBoolean());
      } else if (dice < 33) {
        database.compact(); // commits, and so syncs earlier commits too
        durable = latest;
        check();
      } else if (dice < 36) {
        database.checkIntegrity();
        Balance.check(database.stats());
      } else {
        write();
      }
    }

    private void write() {
      try (WriteTxn write = database.beginWrite()) {
        Session session = new Session(write, latest, random, scale);
        Model changed = session.run(random.nextInt(stepsMax));
        if (random.nextInt(10) == 0) {
          session.check();
        }
        int dice = random.nextInt(10);
        if (dice < 5) {
          write.commit();
          durable = changed;
          latest = changed;
        } else if (dice < 8) {
          write.commitWithoutSync();
          latest = changed;
        }
      }
      if (random.nextInt(5) == 0) {
        check();
      }
    }

    private void reopen(boolean close) {
      releaseAll();
      if (close) {
        database.close();
        assertThat(disk.isClosed()).as("the file is closed").isTrue();
        durable = latest;
      }
      disk = disk.reopened();
      database = Redb.open(disk, "model", options);
      latest = durable;
      check();
    }

    private void check() {
      Model.found(List.of(latest), database);
    }

    private void release() {
      List<Held> all = new ArrayList<>(held);
      Held one = all.get(random.nextInt(all.size()));
      held.remove(one);
      release(one);
    }

    private void releaseAll() {
      held.forEach(Run::release);
      held.clear();
    }

    private static void release(Held one) {
      try (ReadTxn read = one.read) {
        assertThat(one.model.difference(read)).as("a snapshot has changed").isEmpty();
      }
    }
  }

  /** Checks that the statistics of a database are consistent. */
  private static final class Balance {
    static void check(DatabaseStats stats) {
      assertThat(stats.fileBytes()).as("%s", stats).isPositive();
      assertThat(stats.allocatedPages() * Blocks.BYTES)
          .as("%s", stats)
          .isGreaterThanOrEqualTo(stats.storedBytes() + stats.fragmentedBytes());
      assertThat(stats.allocatedPages())
          .as("%s", stats)
          .isGreaterThanOrEqualTo(
              stats.leafPages() + stats.branchPages() + stats.pendingPages());
      assertThat((stats.allocatedPages() + stats.freePages() + 1) * Blocks.BYTES)
          .as("%s", stats)
          .isEqualTo(stats.fileBytes());
    }
  }
}

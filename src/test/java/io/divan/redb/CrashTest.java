package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Crashes at every sync and between syncs. The file must then hold exactly the last durable commit
 * or the one in progress, complete and writable.
 *
 * <p>Runs as many crashes as fit into 15 seconds. {@code -Ddivan.crashes=1000000} sets their
 * number; {@code -Ddivan.seed=N} runs all crashes of one program.
 */
class CrashTest {
  private static final long SECONDS = 15;
  private static final int CRASHES_OF_ONE_STAGE_MAX = 600;

  private final AtomicLong crashes = new AtomicLong();
  private final AtomicLong programs = new AtomicLong();
  private final AtomicLong undone = new AtomicLong();

  @Test
  void crash_leavesTheLastCommitOrTheOneInProgress() throws Exception {
    if (Replay.isOne()) {
      program(Replay.seed(0));
    } else {
      long wanted = Long.getLong("divan.crashes", Long.MAX_VALUE);
      boolean timed = wanted == Long.MAX_VALUE;
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      everyProcessor(
          () -> {
            while (crashes.get() < wanted && (!timed || System.nanoTime() < end)) {
              program(programs.incrementAndGet());
            }
          });
    }
    System.out.printf(
        "redb: %,d crashes of %,d programs; in %,d the commit in progress was lost%n",
        crashes.get(), Math.max(1, programs.get()), undone.get());
    assertThat(crashes.get()).isPositive();
    assertThat(undone.get()).as("crashes that lost something").isPositive();
  }

  private void everyProcessor(Runnable work) throws InterruptedException, ExecutionException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(pool.submit(work));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
  }

  private void program(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SimulatedDisk disk = new SimulatedDisk();
    List<Model> found = List.of(new Model());
    String place = Replay.with(seed);
    try {
      for (int stage = 0; stage < 3; stage++) {
        place = "%s, stage %d".formatted(Replay.with(seed), stage);
        Program program = new Program(disk, found, random.nextLong());
        boolean close = random.nextBoolean();
        program.run(1 + random.nextInt(12), close);
        crashEverywhere(program, random.nextLong(), place);
        List<Epoch> epochs = disk.epochs();
        Epoch epoch = epochs.get(random.nextInt(epochs.size()));
        int after = random.nextInt(epoch.changes().size() + 1);
        found = program.allowedAt(epoch.first() + after);
        switch (random.nextInt(3)) {
          case 0 -> {
            found = program.allowedAt(disk.position());
            disk = disk.reopened();
          }
          case 1 -> disk = new SimulatedDisk(epoch.crash(after, seed));
          // A killed process: the next one sees writes that are not durable yet.
          default -> disk = epoch.kill(after);
        }
      }
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(place + ": " + e, e);
    }
  }

  private void crashEverywhere(Program program, long seed, String place) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Epoch> epochs = program.disk().epochs();
    long moments = epochs.stream().mapToLong(epoch -> epoch.changes().size() + 1).sum();
    double share = Math.min(1, CRASHES_OF_ONE_STAGE_MAX / (3.0 * moments));
    for (Epoch epoch : epochs) {
      for (int after = 0; after <= epoch.changes().size(); after++) {
        List<Model> allowed = program.allowedAt(epoch.first() + after);
        // Without unsynced changes, every crash is the same.
        int tries = after == 0 ? 1 : 3;
        for (int i = 0; i < tries; i++) {
          long crash = random.nextLong();
          if (random.nextDouble() < share) {
            String where =
                "%s, epoch %d of %d, after %d of %d changes, crash %d"
                    .formatted(
                        place, epoch.first(), program.disk().position(), after,
                        epoch.changes().size(), crash);
            check(new SimulatedDisk(epoch.crash(after, crash)), allowed, crash, where);
          }
        }
      }
    }
  }

  private void check(SimulatedDisk disk, List<Model> allowed, long seed, String where) {
    crashes.incrementAndGet();
    try {
      SplittableRandom random = new SplittableRandom(seed);
      boolean again = random.nextInt(8) == 0;
      Model found = reopen(again ? disk.recording() : disk, allowed, random);
      if (allowed.size() > 1 && found == allowed.getFirst()) {
        undone.incrementAndGet();
      }
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(where + ": " + e, e);
    }
  }

  /** Opens what a crash left, checks it and continues with it; sometimes crashes again. */
  private Model reopen(SimulatedDisk disk, List<Model> allowed, SplittableRandom random) {
    Redb database = Redb.open(disk, "crashed", Program.OPTIONS);
    Model found = Model.found(allowed, database);
    database.checkIntegrity();
    long opened = disk.position();
    Model changed;
    try (WriteTxn write = database.beginWrite()) {
      changed = new Session(write, found, random, Program.SMALL).run(4);
      write.commit();
    }
    long committed = disk.position();
    Model.found(List.of(changed), database);
    database.checkIntegrity();
    if (random.nextInt(4) == 0) {
      database.close();
      try (Redb next = Redb.open(disk.reopened(), "closed", Program.OPTIONS)) {
        Model.found(List.of(changed), next);
      }
    }
    if (disk.isRecording()) {
      crashAgain(disk, random, found, changed, opened, committed);
    }
    return found;
  }

  private void crashAgain(
      SimulatedDisk disk,
      SplittableRandom random,
      Model found,
      Model changed,
      long opened,
      long committed) {
    for (Epoch epoch : disk.epochs()) {
      int after = random.nextInt(epoch.changes().size() + 1);
      long position = epoch.first() + after;
      // The state found first must be found again, even if its repair is interrupted.
      List<Model> allowed =
          position < opened
              ? List.of(found)
              : position < committed ? List.of(found, changed) : List.of(changed);
      crashes.incrementAndGet();
      Redb database =
          Redb.open(
              new SimulatedDisk(epoch.crash(after, random.nextLong())),
              "crashed twice",
              Program.OPTIONS);
      Model.found(allowed, database);
      database.checkIntegrity();
    }
  }
}

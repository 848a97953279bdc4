package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.divan.redb.SimulatedDisk.Operation;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Runs programs in which each disk operation in turn fails once, or from then on. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class FaultTest {
  private static final long SEED = Replay.seed(5);
  private static final long PROGRAMS = Replay.count("divan.programs", 5);
  private static final int TRANSACTIONS = 14;

  @Test
  void failingWrite_rejectsAllCallsUntilReopened() {
    everyOne(Operation.WRITE, 1);
    everyOne(Operation.WRITE, Long.MAX_VALUE);
  }

  @Test
  void failingSync_rejectsAllCallsUntilReopened() {
    everyOne(Operation.SYNC, 1);
    everyOne(Operation.SYNC, 2);
  }

  /** Lets each operation of this kind fail in turn, in several programs. */
  private static void everyOne(Operation operation, long times) {
    for (long seed = SEED; seed < SEED + PROGRAMS; seed++) {
      SimulatedDisk disk = new SimulatedDisk();
      new Program(disk, List.of(new Model()), seed).run(TRANSACTIONS, true);
      long count = disk.count(operation);
      assertThat(count).isPositive();
      for (long n = 1; n <= count; n++) {
        try {
          failsForGood(operation, n, times, seed);
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError(
              "%s %d of %d, %s: %s".formatted(operation, n, count, Replay.with(seed), e), e);
        }
      }
    }
  }

  private static void failsForGood(Operation operation, long n, long times, long seed) {
    SimulatedDisk disk = new SimulatedDisk();
    disk.fail(operation, n, times);
    Program program = new Program(disk, List.of(new Model()), seed);
    Throwable thrown = catchThrowable(() -> program.run(TRANSACTIONS, true));
    if (thrown == null) {
      // Closing may hide a failure if everything was durable before: opening repairs the file.
      assertThat(disk.isClosed()).as("the failure was silent").isTrue();
    } else {
      assertThat(thrown).isInstanceOf(RedbException.Failed.class);
    }
    long changes = disk.position();
    program.database().ifPresent(FaultTest::refused);
    assertThat(disk.position()).as("nothing is written after a failure").isEqualTo(changes);

    List<Model> allowed = program.allowedAt(disk.position());
    goesOn(disk.reopened(), allowed);
    Epoch epoch = disk.current();
    for (long crash = 0; crash < 5; crash++) {
      goesOn(new SimulatedDisk(epoch.crash(epoch.changes().size(), crash)), allowed);
    }
  }

  private static void refused(Redb database) {
    Map<String, Consumer<Redb>> calls =
        Map.of(
            "write", one -> one.beginWrite().close(),
            "read", one -> one.beginRead().tables(),
            "check", Redb::checkIntegrity,
            "compact", Redb::compact);
    calls.forEach(
        (name, call) -> assertThat(catchThrowable(() -> call.accept(database)))
            .as(name)
            .isInstanceOf(RedbException.Failed.class));
    try {
      database.close();
    } catch (RedbException.Failed e) {
      assertThat(e).hasMessageContaining("reopen the file");
    }
  }

  private static void goesOn(SimulatedDisk disk, List<Model> allowed) {
    try (Redb database = Redb.open(disk, "reopened", Program.OPTIONS)) {
      Model found = Model.found(allowed, database);
      database.checkIntegrity();
      Model changed = change(database, found, 1, 5);
      Model.found(List.of(changed), database);
    }
  }

  private static Model change(Redb database, Model before, long seed, int steps) {
    try (WriteTxn write = database.beginWrite()) {
      SplittableRandom random = new SplittableRandom(seed);
      Model changed = new Session(write, before, random, Program.SMALL).run(steps);
      write.commit();
      return changed;
    }
  }

  @Test
  void failingRead_failsOnlyThatCall() {
    SimulatedDisk first = new SimulatedDisk();
    Model model;
    try (Redb database = Redb.open(first, "read", Program.OPTIONS)) {
      model = change(database, new Model(), SEED, 1_500);
    }
    Blocks.Image image = first.image();
    long count = withFailingRead(image, model, Long.MAX_VALUE);
    assertThat(count).isPositive();
    for (long n = 1; n <= count; n++) {
      try {
        withFailingRead(image, model, n);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            "read %d of %d, %s: %s".formatted(n, count, Replay.with(SEED), e), e);
      }
    }
  }

  /** Calls every operation and repeats those that fail; returns the number of reads. */
  private static long withFailingRead(Blocks.Image image, Model before, long n) {
    SimulatedDisk disk = new SimulatedDisk(image);
    disk.fail(Operation.READ, n, n == Long.MAX_VALUE ? 0 : 1);
    Redb database;
    try {
      database = Redb.open(disk, "read", Program.OPTIONS);
    } catch (RedbException.Failed e) {
      disk = disk.reopened();
      database = Redb.open(disk, "read", Program.OPTIONS);
    }
    Model model = before;
    for (int i = 0; i < 3; i++) {
      model = changeTwice(database, model, i);
      found(database, model);
    }
    twice(database, Redb::checkIntegrity);
    twice(database, Redb::stats);
    twice(database, Redb::compact);
    found(database, model);
    twice(database, Redb::close);
    return disk.count(Operation.READ);
  }

  private static void found(Redb database, Model model) {
    try (ReadTxn read = database.beginRead()) {
      // The same transaction remains usable after one of its calls has failed.
      try {
        assertThat(model.difference(read)).isEmpty();
      } catch (RedbException.Failed e) {
        assertThat(model.difference(read)).isEmpty();
      }
    }
  }

  private static Model changeTwice(Redb database, Model model, long seed) {
    try {
      return change(database, model, seed, 10);
    } catch (RedbException.Failed e) {
      Model.found(List.of(model), database);
      return change(database, model, seed, 10);
    }
  }

  private static void twice(Redb database, Consumer<Redb> call) {
    try {
      call.accept(database);
    } catch (RedbException.Failed e) {
      call.accept(database);
    }
  }

  @Test
  void failingExtension_endsOnlyThatTransaction() {
    long count = growing(new SimulatedDisk());
    assertThat(count).isGreaterThan(2);
    for (long n = 1; n <= count; n++) {
      SimulatedDisk disk = new SimulatedDisk();
      disk.fail(Operation.EXTEND, n, 1);
      try {
        growing(disk);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("extension %d of %d: %s".formatted(n, count, e), e);
      }
    }
  }

  /** Grows the file by transactions of all sizes; returns how often it was extended. */
  private static long growing(SimulatedDisk given) {
    SimulatedDisk disk = given;
    Redb database;
    try {
      database = Redb.open(disk, "growing", Program.OPTIONS);
    } catch (RedbException.Full e) {
      disk = disk.reopened();
      database = Redb.open(disk, "growing", Program.OPTIONS);
    }
    Model model = new Model();
    for (int i = 0; i < 12; i++) {
      int bytes = 1_000 << i;
      try {
        model = fill(database, model, i, 3, bytes);
      } catch (RedbException.Full e) {
        Model.found(List.of(model), database);
        database.checkIntegrity();
        model = fill(database, model, 100, 1, 10);
        model = fill(database, model, i, 3, bytes);
      }
      Model.found(List.of(model), database);
    }
    database.checkIntegrity();
    database.close();
    try (Redb next = Redb.open(disk.reopened(), "growing", Program.OPTIONS)) {
      Model.found(List.of(model), next);
    }
    return disk.count(Operation.EXTEND);
  }

  private static Model fill(Redb database, Model before, int first, int rows, int bytes) {
    try (WriteTxn write = database.beginWrite()) {
      SplittableRandom random = new SplittableRandom(first);
      Session session = new Session(write, before, random, Program.SMALL);
      for (int i = 0; i < rows; i++) {
        byte[] value = new byte[bytes];
        random.nextBytes(value);
        session.put("filled", new byte[] {(byte) first, (byte) i}, value);
      }
      Model after = session.run(0);
      write.commit();
      return after;
    }
  }

  @Test
  void fullDisk_smallTransactionsStillWorkAndLargeOnesLater() {
    SimulatedDisk empty = new SimulatedDisk();
    assertThat(Redb.open(empty, "full", Program.OPTIONS).beginRead().tables()).isEmpty();
    long base = empty.image().length();
    for (int i = 0; i < 40; i++) {
      long limit = base + i * 50_000L;
      try {
        fillUp(limit);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("full from " + limit + ": " + e, e);
      }
    }
  }

  private static void fillUp(long limit) {
    SimulatedDisk disk = new SimulatedDisk();
    disk.fullFrom(limit);
    Redb database = Redb.open(disk, "full", Program.OPTIONS);
    Model model = new Model();
    for (int i = 0; i < limit / 400_000; i++) {
      model = fill(database, model, i, 20, 5_000);
    }
    Model before = model;
    int tooMuch = Math.toIntExact(limit);
    assertThatThrownBy(() -> fill(database, before, 119, 1, tooMuch))
        .isInstanceOf(RedbException.Full.class);
    Model.found(List.of(model), database);
    database.checkIntegrity();
    for (int i = 0; i < 5; i++) {
      model = fill(database, model, 120, 1, 10 + i);
    }
    Model.found(List.of(model), database);
    disk.fullFrom(1 << 30);
    model = fill(database, model, 121, 60, 20_000);
    Model.found(List.of(model), database);
    database.checkIntegrity();
    database.close();
    try (Redb next = Redb.open(disk.reopened(), "full", Program.OPTIONS)) {
      Model.found(List.of(model), next);
      next.checkIntegrity();
    }
  }
}

package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.redb.SimulatedDisk.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What transactions cost: syncs, and the file's length. */
class SpaceTest {
  private static final TableDefinition<Long, byte[]> ROWS =
      new TableDefinition<>("rows", ColumnType.U64, ColumnType.BYTES);

  private final SimulatedDisk disk = new SimulatedDisk();
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final Redb database =
      new Opening(disk, "space", Program.OPTIONS, nanos::get).open();
  private final SplittableRandom random = new SplittableRandom(1);

  private void put(int rows, int keys, int bytes, boolean sync) {
    try (WriteTransaction write = database.beginWrite()) {
      Table<Long, byte[]> table = write.open(ROWS);
      for (int i = 0; i < rows; i++) {
        byte[] value = new byte[bytes];
        random.nextBytes(value);
        table.put((long) random.nextInt(keys), value);
      }
      if (sync) {
        write.commit();
      } else {
        write.commitWithoutSync();
      }
    }
  }

  private long fileBytes() {
    return database.stats().fileBytes();
  }

  @Test
  void commit_syncsOnce() {
    put(200, 1_000, 300, true);
    for (int i = 0; i < 50; i++) {
      long before = disk.count(Operation.SYNC);
      put(1 + i, 1_000, 300, true);
      assertThat(disk.count(Operation.SYNC) - before).isEqualTo(1);
    }
  }

  @Test
  void commitWithoutSync_doesNotSync() {
    put(200, 1_000, 300, true);
    long before = disk.count(Operation.SYNC);
    for (int i = 0; i < 50; i++) {
      put(20, 1_000, 300, false);
    }
    assertThat(disk.count(Operation.SYNC)).isEqualTo(before);
  }

  @Test
  void readTransaction_changesNothingOnDisk() {
    put(200, 1_000, 300, true);
    long before = disk.position();
    try (ReadTransaction read = database.beginRead()) {
      assertThat(read.open(ROWS).length()).isPositive();
      database.checkIntegrity();
      assertThat(database.stats().storedBytes()).isPositive();
    }
    assertThat(disk.position()).isEqualTo(before);
  }

  @Test
  void sameRowsOverAndOver_fileStaysAsLong() {
    for (int i = 0; i < 100; i++) {
      put(50, 300, 1_000, true);
    }
    long length = fileBytes();
    for (int i = 0; i < 1_000; i++) {
      put(50, 300, 1_000, i % 3 == 0);
    }
    assertThat(fileBytes()).isLessThanOrEqualTo(length);
    database.checkIntegrity();
  }

  @Test
  void sameRowsWithoutSync_fileStaysBounded() {
    for (int i = 0; i < 20; i++) {
      put(50, 300, 1_000, false);
    }
    long length = fileBytes();
    for (int i = 0; i < 1_000; i++) {
      put(50, 300, 1_000, false);
    }
    assertThat(fileBytes()).isLessThanOrEqualTo(2 * length);
    database.checkIntegrity();
  }

  @Test
  void rolledBack_givesBackItsPages() {
    put(100, 300, 1_000, true);
    put(1, 300, 1_000, true);
    put(1, 300, 1_000, true);
    Stats before = database.stats();
    for (int i = 0; i < 100; i++) {
      try (WriteTransaction write = database.beginWrite()) {
        Table<Long, byte[]> table = write.open(ROWS);
        for (long key = 0; key < 100; key++) {
          table.put(key, new byte[1 + (int) (key * 100)]);
        }
        write.rename("rows", "others");
      }
    }
    Stats after = database.stats();
    assertThat(after.allocatedPages() - after.pendingPages())
        .isLessThanOrEqualTo(before.allocatedPages() - before.pendingPages());
    database.checkIntegrity();
  }

  @Test
  void rolledBackMarks_costNoSpaceInALongTransaction() {
    put(300, 300, 1_000, true);
    long length = fileBytes();
    try (WriteTransaction write = database.beginWrite()) {
      Table<Long, byte[]> table = write.open(ROWS);
      for (int i = 0; i < 500; i++) {
        WriteTransaction.Mark mark = write.mark();
        for (long key = 0; key < 20; key++) {
          table.put(key * 10, new byte[1_000]);
        }
        if (i % 10 == 9) {
          write.keep(mark);
        } else {
          write.rollbackTo(mark);
        }
      }
      write.commit();
    }
    assertThat(fileBytes()).isLessThanOrEqualTo(4 * length);
    database.checkIntegrity();
  }

  @Test
  void longReader_costsSpaceUntilItIsClosed() {
    put(300, 300, 1_000, true);
    try (ReadTransaction read = database.beginRead()) {
      for (int i = 0; i < 100; i++) {
        put(50, 300, 1_000, true);
      }
      Stats stats = database.stats();
      assertThat(stats.oldestReader()).isEqualTo(read.version());
      assertThat(stats.pendingPages()).isGreaterThan(1_000);
    }
    put(1, 300, 1_000, true);
    put(1, 300, 1_000, true);
    long length = fileBytes();
    assertThat(database.stats().pendingPages()).isLessThan(50);
    for (int i = 0; i < 100; i++) {
      put(50, 300, 1_000, true);
    }
    assertThat(fileBytes()).isEqualTo(length);
  }

  private void pass(long seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  @Test
  void readers_oldestIsClosed_tellsOfTheNext() {
    put(300, 300, 1_000, true);
    Readers none = database.readers();
    assertThat(none.open()).isZero();
    assertThat(none.age()).isZero();

    ReadTransaction first = database.beginRead();
    assertThat(first.version()).isEqualTo(none.oldest());
    pass(10);
    ReadTransaction second = database.beginRead();
    pass(10);
    assertThat(database.readers())
        .as("nothing waits for readers of the latest commit")
        .isEqualTo(new Readers(2, first.version(), Duration.ofSeconds(20), 0, 0));

    put(50, 300, 1_000, true);
    ReadTransaction third = database.beginRead();
    pass(1);
    assertThat(database.readers().oldest()).isEqualTo(first.version());
    first.close();
    first.close();
    assertThat(database.readers())
        .as("not as old as another of its commit was")
        .extracting(Readers::open, Readers::oldest, Readers::age)
        .containsExactly(2, second.version(), Duration.ofSeconds(11));
    second.close();
    assertThat(database.readers())
        .isEqualTo(new Readers(1, third.version(), Duration.ofSeconds(1), 0, 0));
    third.close();
    assertThat(database.readers().open()).isZero();
  }

  @Test
  void readers_longReader_tellsWhatWaitsForIt() {
    put(300, 300, 1_000, true);
    try (ReadTransaction read = database.beginRead()) {
      assertThat(read.open(ROWS).length()).isPositive();
      for (int i = 0; i < 100; i++) {
        put(50, 300, 9_000, true); // values of several pages
      }
      Readers readers = database.readers();
      assertThat(readers.waitingPages()).isEqualTo(database.stats().pendingPages());
      assertThat(readers.waitingBytes())
          .isGreaterThan(readers.waitingPages() * 4_096)
          .isLessThan(fileBytes());
    }
    assertThat(database.readers().waitingBytes()).isZero();
    put(1, 300, 1_000, true);
    try (ReadTransaction read = database.beginRead()) {
      put(1, 300, 1_000, true);
      assertThat(read.version()).isEqualTo(database.readers().oldest());
      assertThat(database.readers().waitingBytes())
          .as("of the last commits only")
          .isBetween(4_096L, 100_000L);
    }
  }

  @Test
  void compact_afterRemoval_shortensTheFile() {
    put(3_000, 3_000, 1_000, true);
    long length = fileBytes();
    try (WriteTransaction write = database.beginWrite()) {
      assertThat(write.open(ROWS).removeRange(Optional.of(300L), Optional.empty())).isPositive();
      write.commit();
    }
    Model model = new Model();
    Model.Rows rows = new Model.Rows(ColumnType.U64, ColumnType.BYTES);
    model.tables.put("rows", rows);
    try (ReadTransaction read = database.beginRead()) {
      RowCursor<Long, byte[]> cursor = read.open(ROWS).range();
      while (cursor.next()) {
        rows.map.put(ColumnType.U64.encode(cursor.key()), cursor.value());
      }
    }
    assertThat(database.compact()).isTrue();
    assertThat(fileBytes()).isLessThan(length / 3);
    assertThat(disk.image().length()).isEqualTo(fileBytes());
    Model.found(List.of(model), database);
    database.checkIntegrity();
  }

  @Test
  void compact_pagesOfSeveralSizes_leavesNoMoreFreeThanUsed() {
    for (long seed = 1; seed <= 30; seed++) {
      SimulatedDisk mixed = new SimulatedDisk();
      Redb several = Redb.open(mixed, "mixed", Program.OPTIONS);
      Model model = new Model();
      SplittableRandom steps = new SplittableRandom(seed);
      for (int i = 0; i < 10; i++) {
        try (WriteTransaction write = several.beginWrite()) {
          model = new Session(write, model, steps, Program.SMALL).run(100);
          write.commit();
        }
      }
      assertThat(several.compact()).as("seed %d", seed).isTrue();
      Stats stats = several.stats();
      assertThat(stats.freePages())
          .as("seed %d: %s", seed, stats)
          .isLessThanOrEqualTo(stats.allocatedPages() + 16);
      Model.found(List.of(model), several);
      several.checkIntegrity();
    }
  }

  @Test
  void compact_largestPagesFindNoPlace_othersAreMoved() {
    double free = 0;
    for (long seed = 1; seed <= 6; seed++) {
      try (Redb mixed = Redb.open(new SimulatedDisk(), "mixed", Program.OPTIONS)) {
        fillWithThreeSizes(mixed, new SplittableRandom(seed));
        assertThat(mixed.compact()).as("seed %d", seed).isTrue();
        Stats stats = mixed.stats();
        free += (double) stats.freePages() / stats.allocatedPages() / 6;
        mixed.checkIntegrity();
      }
    }
    assertThat(free).as("free pages for each used one").isLessThan(0.1);
  }

  private static void fillWithThreeSizes(Redb database, SplittableRandom steps) {
    for (int i = 0; i < 100; i++) {
      try (WriteTransaction write = database.beginWrite()) {
        Table<Long, byte[]> table = write.open(ROWS);
        for (int row = 0; row < 50; row++) {
          int dice = steps.nextInt(16);
          int bytes = dice == 0 ? 16_384 : dice < 8 ? 15_000 : 250;
          long key = steps.nextInt(1_000);
          if (i < 80 || steps.nextInt(10) == 0) {
            table.put(key, new byte[bytes]);
          } else {
            table.remove(key);
          }
        }
        write.commit();
      }
    }
  }

  @Test
  void open_afterClose_readsFewPages() {
    put(5_000, 5_000, 1_000, true);
    database.close();
    SimulatedDisk next = disk.reopened();
    try (Redb reopened = Redb.open(next, "space", Program.OPTIONS)) {
      assertThat(next.count(Operation.READ)).isLessThan(20);
      assertThat(reopened.stats().storedBytes()).isPositive();
    }
  }
}

package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.redb.SimulatedDisk.Operation;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What transactions cost: syncs, and the file's length. */
class SpaceTest {
  private static final TableDefinition<Long, byte[]> ROWS =
      new TableDefinition<>("rows", ColumnType.U64, ColumnType.BYTES);

  private final SimulatedDisk disk = new SimulatedDisk();
  private final Redb database = Redb.open(disk, "space", Program.OPTIONS);
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

package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.redb.SimulatedDisk.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Tests the cost of transactions: syncs and file length. */
class FreeSpaceTest {
  private static final TableDefinition<Long, byte[]> ROWS =
      new TableDefinition<>("rows", ColumnType.U64, ColumnType.BYTES);

  private final SimulatedDisk disk = new SimulatedDisk();
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final Redb database =
      new DatabaseOpener(disk, "space", Program.OPTIONS, nanos::get).open();
  private final SplittableRandom random = new SplittableRandom(1);

  private void put(int rows, int keys, int bytes, boolean sync) {
    try (WriteTxn write = database.beginWrite()) {
      RedbTable<Long, byte[]> table = write.open(ROWS);
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
  void put_rowsBeforeLargeLeaf_readItOnce() {
    TableDefinition<byte[], byte[]> bytes = TableDefinition.bytes("bytes");
    try (WriteTxn write = database.beginWrite()) {
      write.open(bytes).put(new byte[] {100}, new byte[96_000]); // in a leaf that no cache keeps
      write.commitWithoutSync();
    }
    try (WriteTxn write = database.beginWrite()) {
      RedbTable<byte[], byte[]> table = write.open(bytes);
      table.put(new byte[] {0}, new byte[96_000]);
      long before = disk.count(Operation.READ);
      for (byte i = 1; i < 10; i++) {
        table.put(new byte[] {i}, new byte[96_000]);
      }
      assertThat(disk.count(Operation.READ)).isEqualTo(before);
      write.commit();
    }
    database.checkIntegrity();
  }

  @Test
  void readTransaction_writesNothing() {
    put(200, 1_000, 300, true);
    long before = disk.position();
    try (ReadTxn read = database.beginRead()) {
      assertThat(read.open(ROWS).length()).isPositive();
      database.checkIntegrity();
      assertThat(database.stats().storedBytes()).isPositive();
    }
    assertThat(disk.position()).isEqualTo(before);
  }

  @Test
  void rewritingSameRows_keepsTheFileLength() {
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
  void rewritingSameRowsWithoutSync_keepsTheFileBounded() {
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
  void rollback_freesItsPages() {
    put(100, 300, 1_000, true);
    put(1, 300, 1_000, true);
    put(1, 300, 1_000, true);
    DatabaseStats before = database.stats();
    for (int i = 0; i < 100; i++) {
      try (WriteTxn write = database.beginWrite()) {
        RedbTable<Long, byte[]> table = write.open(ROWS);
        for (long key = 0; key < 100; key++) {
          table.put(key, new byte[1 + (int) (key * 100)]);
        }
        write.rename("rows", "others");
      }
    }
    DatabaseStats after = database.stats();
    assertThat(after.allocatedPages() - after.pendingPages())
        .isLessThanOrEqualTo(before.allocatedPages() - before.pendingPages());
    database.checkIntegrity();
  }

  @Test
  void rollbackToSavepoint_costsNoSpaceInALongTransaction() {
    put(300, 300, 1_000, true);
    long length = fileBytes();
    try (WriteTxn write = database.beginWrite()) {
      RedbTable<Long, byte[]> table = write.open(ROWS);
      for (int i = 0; i < 500; i++) {
        WriteTxn.Savepoint savepoint = write.savepoint();
        for (long key = 0; key < 20; key++) {
          table.put(key * 10, new byte[1_000]);
        }
        if (i % 10 == 9) {
          write.release(savepoint);
        } else {
          write.rollbackTo(savepoint);
        }
      }
      write.commit();
    }
    assertThat(fileBytes()).isLessThanOrEqualTo(4 * length);
    database.checkIntegrity();
  }

  @Test
  void longReader_holdsSpaceUntilItIsClosed() {
    put(300, 300, 1_000, true);
    try (ReadTxn read = database.beginRead()) {
      for (int i = 0; i < 100; i++) {
        put(50, 300, 1_000, true);
      }
      DatabaseStats stats = database.stats();
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
  void readers_oldestIsClosed_reportsTheNext() {
    put(300, 300, 1_000, true);
    ReaderStats none = database.readers();
    assertThat(none.open()).isZero();
    assertThat(none.age()).isZero();

    ReadTxn first = database.beginRead();
    assertThat(first.version()).isEqualTo(none.oldest());
    pass(10);
    ReadTxn second = database.beginRead();
    pass(10);
    assertThat(database.readers())
        .as("no pages wait for readers of the latest commit")
        .isEqualTo(new ReaderStats(2, first.version(), Duration.ofSeconds(20), 0, 0));

    put(50, 300, 1_000, true);
    ReadTxn third = database.beginRead();
    pass(1);
    assertThat(database.readers().oldest()).isEqualTo(first.version());
    first.close();
    first.close();
    assertThat(database.readers())
        .as("the closed reader of the same commit was older")
        .extracting(ReaderStats::open, ReaderStats::oldest, ReaderStats::age)
        .containsExactly(2, second.version(), Duration.ofSeconds(11));
    second.close();
    assertThat(database.readers())
        .isEqualTo(new ReaderStats(1, third.version(), Duration.ofSeconds(1), 0, 0));
    third.close();
    assertThat(database.readers().open()).isZero();
  }

  @Test
  void readers_longReader_reportsTheSpaceItHolds() {
    put(300, 300, 1_000, true);
    try (ReadTxn read = database.beginRead()) {
      assertThat(read.open(ROWS).length()).isPositive();
      for (int i = 0; i < 100; i++) {
        put(50, 300, 9_000, true); // values of several pages
      }
      ReaderStats readers = database.readers();
      assertThat(readers.waitingPages()).isEqualTo(database.stats().pendingPages());
      assertThat(readers.waitingBytes())
          .isGreaterThan(readers.waitingPages() * 4_096)
          .isLessThan(fileBytes());
    }
    assertThat(database.readers().waitingBytes()).isZero();
    put(1, 300, 1_000, true);
    try (ReadTxn read = database.beginRead()) {
      put(1, 300, 1_000, true);
      assertThat(read.version()).isEqualTo(database.readers().oldest());
      assertThat(database.readers().waitingBytes())
          .as("pages of the last commits only")
          .isBetween(4_096L, 100_000L);
    }
  }

  @Test
  void compact_afterRemoval_shortensTheFile() {
    put(3_000, 3_000, 1_000, true);
    long length = fileBytes();
    try (WriteTxn write = database.beginWrite()) {
      assertThat(write.open(ROWS).removeRange(Optional.of(300L), Optional.empty())).isPositive();
      write.commit();
    }
    Model model = new Model();
    Model.Rows rows = new Model.Rows(ColumnType.U64, ColumnType.BYTES);
    model.tables.put("rows", rows);
    try (ReadTxn read = database.beginRead()) {
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
  void compact_pagesOfSeveralSizes_leavesNoMoreFreeThanAllocated() {
    for (long seed = 1; seed <= 30; seed++) {
      SimulatedDisk mixed = new SimulatedDisk();
      Redb several = Redb.open(mixed, "mixed", Program.OPTIONS);
      Model model = new Model();
      SplittableRandom steps = new SplittableRandom(seed);
      for (int i = 0; i < 10; i++) {
        try (WriteTxn write = several.beginWrite()) {
          model = new Session(write, model, steps, Program.SMALL).run(100);
          write.commit();
        }
      }
      assertThat(several.compact()).as("seed %d", seed).isTrue();
      DatabaseStats stats = several.stats();
      assertThat(stats.freePages())
          .as("seed %d: %s", seed, stats)
          .isLessThanOrEqualTo(stats.allocatedPages() + 16);
      Model.found(List.of(model), several);
      several.checkIntegrity();
    }
  }

  @Test
  void compact_largestPagesDoNotFit_movesTheOthers() {
    double free = 0;
    for (long seed = 1; seed <= 6; seed++) {
      try (Redb mixed = Redb.open(new SimulatedDisk(), "mixed", Program.OPTIONS)) {
        fillWithThreeSizes(mixed, new SplittableRandom(seed));
        assertThat(mixed.compact()).as("seed %d", seed).isTrue();
        DatabaseStats stats = mixed.stats();
        free += (double) stats.freePages() / stats.allocatedPages() / 6;
        mixed.checkIntegrity();
      }
    }
    assertThat(free).as("free pages per allocated page").isLessThan(0.1);
  }

  private static void fillWithThreeSizes(Redb database, SplittableRandom steps) {
    for (int i = 0; i < 100; i++) {
      try (WriteTxn write = database.beginWrite()) {
        RedbTable<Long, byte[]> table = write.open(ROWS);
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

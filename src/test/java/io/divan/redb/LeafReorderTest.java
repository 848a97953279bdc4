package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeafReorderTest {
  private static final TableDefinition<byte[], byte[]> ROWS = TableDefinition.bytes("rows");
  private static final long SEED = Replay.seed(11);
  private static final int CACHE_BYTES = 64 << 10;

  private final SimulatedDisk disk = new SimulatedDisk();
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);

  private static Redb open(SimulatedDisk disk, long unwrittenBytes) {
    Redb.Options options = new Redb.Options(true, new SharedPageCache(CACHE_BYTES), unwrittenBytes);
    return Redb.open(disk, "rows", options);
  }

  private void load(Redb database, int rows) {
    try (WriteTxn write = database.beginWrite()) {
      RedbTable<byte[], byte[]> table = write.open(ROWS);
      for (int i = 0; i < rows; i++) {
        byte[] key = new byte[16];
        random.nextBytes(key);
        byte[] value = new byte[random.nextInt(100) == 0 ? 9_000 : 700];
        random.nextBytes(value);
        table.put(key, value);
        model.put(key, value);
      }
      write.commit();
    }
  }

  private void check(Redb database) {
    database.checkIntegrity();
    try (ReadTxn read = database.beginRead()) {
      RowCursor<byte[], byte[]> rows = read.open(ROWS).range();
      model.forEach(
          (key, value) -> {
            assertThat(rows.next()).isTrue();
            assertThat(rows.key()).isEqualTo(key);
            assertThat(rows.value()).isEqualTo(value);
          });
      assertThat(rows.next()).isFalse();
    }
  }

  /** Returns the percentage of leaves that lie behind the previous leaf in the file. */
  private static long inOrder(Redb database) {
    try (ReadTxn read = database.beginRead()) {
      FileReadTransaction from = (FileReadTransaction) read;
      TableEntry entry = from.tableTree().find(ROWS.name()).orElseThrow();
      Tree tree = from.tree(ROWS.name(), entry, KeyOrder.BYTES);
      long[] last = {-1};
      int[] counts = new int[2];
      tree.visitPages(
          page -> {
            if (PageNumber.order(page) == 0) {
              counts[0]++;
              counts[1] += page > last[0] ? 1 : 0;
              last[0] = page;
            }
          });
      return 100L * counts[1] / counts[0];
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 3_000})
  void commit_loadInRandomOrder_writesLeavesInKeyOrder(int rows) {
    try (Redb database = open(disk, 64 << 20)) {
      load(database, rows);
      check(database);
      assertThat(inOrder(database)).isGreaterThan(90);
      load(database, rows);
      check(database);
    }
    try (Redb database = open(disk.reopened(), 64 << 20)) {
      check(database);
    }
  }

  @Test
  void commit_afterSpill_keepsAllRows() {
    try (Redb database = open(disk, 256 << 10)) {
      load(database, 3_000);
      check(database);
      assertThat(inOrder(database)).isLessThan(90);
    }
  }

  @Test
  void commit_small_doesNotMovePages() {
    try (Redb database = open(disk, 64 << 20)) {
      load(database, 3_000);
      long before = database.stats().allocatedPages();
      try (WriteTxn write = database.beginWrite()) {
        write.open(ROWS).put(model.firstKey(), new byte[] {1});
        write.commit();
      }
      model.put(model.firstKey(), new byte[] {1});
      assertThat(database.stats().allocatedPages()).isLessThan(before + 10);
      check(database);
    }
  }

  @Test
  void commit_severalTablesAndRemovals_keepsAllRows() {
    TableDefinition<Long, Long> numbers =
        new TableDefinition<>("numbers", ColumnType.U64, ColumnType.U64);
    try (Redb database = open(disk, 64 << 20)) {
      load(database, 2_000);
      try (WriteTxn write = database.beginWrite()) {
        RedbTable<Long, Long> table = write.open(numbers);
        for (long i = 0; i < 50_000; i++) {
          table.put(i * 7_919 % 50_000, i);
        }
        byte[] from = model.keySet().stream().skip(500).findFirst().orElseThrow();
        write.open(ROWS).removeRange(Optional.of(from), Optional.empty());
        model.tailMap(from).clear();
        write.commit();
      }
      check(database);
      try (ReadTxn read = database.beginRead()) {
        RowCursor<Long, Long> rows = read.open(numbers).range();
        for (long i = 0; i < 50_000; i++) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.key()).isEqualTo(i);
        }
      }
    }
  }

  @Test
  void commit_fails_keepsTheEarlierRows() {
    try (Redb database = open(disk, 64 << 20)) {
      load(database, 100);
    }
    SimulatedDisk full = disk.reopened();
    Redb database = open(full, 64 << 20);
    TreeMap<byte[], byte[]> before = new TreeMap<>(model);
    full.fail(SimulatedDisk.Operation.WRITE, 3, 1);
    assertThatThrownBy(() -> load(database, 3_000)).isInstanceOf(RedbException.class);
    model.clear();
    model.putAll(before);
    try (Redb again = open(full.reopened(), 64 << 20)) {
      check(again);
    }
  }
}

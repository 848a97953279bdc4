package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests files with several regions, which are small here. */
class RegionsTest {
  private static final TableDefinition<Long, byte[]> ROWS =
      new TableDefinition<>("rows", ColumnType.U64, ColumnType.BYTES);
  private static final int REGION_PAGES = 512;
  private static final int ROWS_MAX = 3_000;

  private SimulatedDisk disk = new SimulatedDisk();
  private final SplittableRandom random = new SplittableRandom(1);

  private Redb create(int regionPages) throws IOException {
    FileLayout layout = new FileLayout(0, regionPages, 0, regionPages / 8);
    byte[] header = DatabaseHeader.initial(layout).format(true);
    disk.setLength(layout.fileBytes());
    disk.write(0, header, 0, header.length);
    disk.sync();
    return Redb.open(disk, "regions", Program.OPTIONS);
  }

  private void fill(Redb database) {
    try (WriteTxn write = database.beginWrite()) {
      RedbTable<Long, byte[]> table = write.open(ROWS);
      for (long key = 0; key < ROWS_MAX; key++) {
        table.put(key, new byte[random.nextInt(10) == 0 ? 20_000 : 2_000]);
      }
      write.commit();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 1_000, 2_000, 2_900})
  void compact_afterRemoval_removesRegions(int left) throws IOException {
    try (Redb database = create(REGION_PAGES)) {
      fill(database);
      long before = database.stats().fileBytes();
      assertThat(before).isGreaterThan(4L * REGION_PAGES * PageNumber.PAGE_BYTES);
      try (WriteTxn write = database.beginWrite()) {
        Optional<Long> from = Optional.of((long) left);
        write.open(ROWS).removeRange(from, Optional.empty());
        write.commit();
      }

      assertThat(database.compact()).isTrue();

      DatabaseStats stats = database.stats();
      assertThat(stats.fileBytes()).isEqualTo(disk.image().length());
      assertThat(stats.freePages())
          .as("%s", stats)
          .isLessThanOrEqualTo(Math.max(16, stats.allocatedPages() / 4));
      database.checkIntegrity();
      try (ReadTxn read = database.beginRead()) {
        assertThat(read.open(ROWS).length()).isEqualTo(left);
      }
    }
    try (Redb again = Redb.open(disk.reopened(), "regions", Program.OPTIONS)) {
      again.checkIntegrity();
    }
  }

  @Test
  void randomOperations_manyRegions_matchMaps() throws IOException {
    for (long i = 1; i <= Replay.count("divan.programs", 8); i++) {
      long seed = Replay.seed(i);
      disk = new SimulatedDisk();
      try {
        program(new SplittableRandom(seed));
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(Replay.with(seed) + ": " + e, e);
      }
    }
  }

  private void program(SplittableRandom steps) throws IOException {
    Redb database = create(32);
    Model model = new Model();
    for (int i = 0; i < 30; i++) {
      try (WriteTxn write = database.beginWrite()) {
        model = new Session(write, model, steps, Program.SMALL).run(1 + steps.nextInt(100));
        write.commit();
      }
      int dice = steps.nextInt(6);
      if (dice == 0) {
        database.compact();
      } else if (dice < 3) {
        if (dice == 1) {
          database.close();
        }
        disk = disk.reopened();
        database = Redb.open(disk, "regions", Program.OPTIONS);
      }
      Model.found(List.of(model), database);
      database.checkIntegrity();
    }
    database.close();
  }
}

package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.redb.Samples.Sample;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads and writes files that were written by redb 4.2.0. */
class InteropTest {

  @ParameterizedTest
  @EnumSource
  void open_fileOfRedb_holdsWhatWasWritten(Sample sample) {
    try (Redb database = open(new SimulatedDisk(sample.image()))) {
      Model.found(List.of(sample.model()), database);
      database.checkIntegrity();
      assertThat(database.stats().storedBytes()).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource
  void open_fileOfRedb_readBackwardsAndByKey(Sample sample) {
    Model model = sample.model();
    try (Redb database = open(new SimulatedDisk(sample.image()));
        ReadTxn read = database.beginRead()) {
      model.tables.forEach(
          (name, rows) -> {
            BytesTable<?, ?> table = BytesTable.open(read, rows.definition(name));
            rows.map.forEach((key, value) -> assertThat(table.get(key).get()).isEqualTo(value));
            assertThat(table.get(rows.key.width().isPresent() ? new byte[8] : new byte[0]))
                .isEmpty();
            RowCursor<?, ?> cursor =
                table.range(Optional.empty(), Optional.empty(), true);
            rows.map.descendingMap()
                .forEach(
                    (key, value) -> {
                      assertThat(cursor.next()).isTrue();
                      assertThat(cursor.keyLength()).isEqualTo(key.length);
                      assertThat(cursor.valueLength()).isEqualTo(value.length);
                    });
            assertThat(cursor.next()).isFalse();
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void write_fileOfRedb_holdsTheChanges(Sample sample) {
    long seed = Replay.seed(sample.ordinal() + 1);
    SplittableRandom random = new SplittableRandom(seed);
    SimulatedDisk disk = new SimulatedDisk(sample.image());
    Model model = sample.model();
    try {
      for (int opened = 0; opened < 4; opened++) {
        try (Redb database = open(disk)) {
          Model.found(List.of(model), database);
          for (int i = 0; i < 5; i++) {
            try (WriteTxn write = database.beginWrite()) {
              model = new Session(write, model, random, Program.SMALL).run(60);
              write.commit();
            }
          }
          database.checkIntegrity();
          Model.found(List.of(model), database);
          if (opened == 2) {
            database.compact();
            Model.found(List.of(model), database);
            database.checkIntegrity();
          }
        }
        disk = disk.reopened();
      }
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(Replay.with(seed) + ": " + e, e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void open_tableWithOtherTypes_refused(Sample sample) {
    try (Redb database = open(new SimulatedDisk(sample.image()));
        ReadTxn read = database.beginRead()) {
      assertThatThrownBy(() -> read.open(TableDefinition.bytes("docs")))
          .isInstanceOf(RedbException.TableError.class)
          .hasMessageContaining("docs");
      assertThatThrownBy(() -> read.open(TableDefinition.bytes("none")))
          .isInstanceOf(RedbException.TableError.class)
          .hasMessageContaining("none");
    }
  }

  private static Redb open(SimulatedDisk disk) {
    return Redb.open(disk, "sample", Program.OPTIONS);
  }
}

package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.divan.record.index.Backend;
import io.divan.record.relational.ForeignKey.OnDelete;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random changes of two tables give the rows that sorted maps give. {@code -Ddivan.seed=N} replays
 * one, {@code -Ddivan.programs=N} runs longer ones.
 */
class RelationalModelTest {
  private static final int IDS = 8;

  private final SortedMap<Long, Long> parents = new TreeMap<>();
  private final SortedMap<Long, Long> children = new TreeMap<>();

  @ParameterizedTest
  @EnumSource(Backend.class)
  void changes_equalMaps(Backend backend, @TempDir Path directory) {
    long seed = Seeds.seed(20_261_960);
    try (StorageAdapter adapter = backend.open(directory)) {
      adapter.create("db", transaction -> {});
      run(adapter, new Random(seed));
    } catch (AssertionError | RuntimeException e) {
      fail(Seeds.replay(seed) + " on " + backend, e);
    }
  }

  private void run(StorageAdapter adapter, Random random) {
    RelationalDatabase db = RelationalDatabase.open(adapter.open("db"), "test");
    boolean cascade = random.nextBoolean();
    db.createTable(
        TableDefinition.of("p")
            .column("id", ColumnType.INTEGER)
            .column("v", ColumnType.INTEGER)
            .key("id")
            .index(TableIndex.of("v", "v")));
    db.createTable(
        TableDefinition.of("c")
            .column("id", ColumnType.INTEGER)
            .column(
                Column.of("p", ColumnType.INTEGER)
                    .references("p", cascade ? OnDelete.CASCADE : OnDelete.RESTRICT))
            .key("id"));
    int steps = Integer.getInteger("divan.programs", 60);
    for (int i = 0; i < steps; i++) {
      step(db, random, cascade);
      if (random.nextInt(10) == 0) {
        db = RelationalDatabase.open(adapter.open("db"), "test");
      }
      compare(db, random.nextInt(IDS));
    }
  }

  private void step(RelationalDatabase db, Random random, boolean cascade) {
    long id = random.nextInt(IDS);
    long value = random.nextInt(IDS);
    switch (random.nextInt(5)) {
      case 0 -> {
        boolean done = succeeds(() -> db.insert("p", Map.of("id", id, "v", value)));
        assertThat(done).isEqualTo(!parents.containsKey(id));
        if (done) {
          parents.put(id, value);
        }
      }
      case 1 -> {
        boolean done = succeeds(() -> db.insertOrReplace("c", Map.of("id", id, "p", value)));
        assertThat(done).isEqualTo(parents.containsKey(value));
        if (done) {
          children.put(id, value);
        }
      }
      case 2 -> {
        long found = db.update("p", Where.ge("v", value), Map.of("v", id));
        assertThat(found).isEqualTo(parents.values().stream().filter(v -> v >= value).count());
        parents.replaceAll((key, v) -> v >= value ? id : v);
      }
      case 3 -> {
        boolean referenced = children.containsValue(id) && parents.containsKey(id);
        boolean done = succeeds(() -> db.delete("p", Where.eq("id", id)));
        assertThat(done).isEqualTo(cascade || !referenced);
        if (done) {
          parents.remove(id);
          children.values().removeIf(p -> p == id);
        }
      }
      default -> {
        db.delete("c", Where.eq("id", id));
        children.remove(id);
      }
    }
  }

  private static boolean succeeds(Runnable change) {
    try {
      change.run();
      return true;
    } catch (RelationalException e) {
      return false;
    }
  }

  private void compare(RelationalDatabase db, long value) {
    assertThat(rows(db.select("p"), "v")).isEqualTo(parents);
    assertThat(rows(db.select("c"), "p")).isEqualTo(children);
    assertThat(db.select("p").count()).isEqualTo(parents.size());
    assertThat(db.select("p").where(Where.eq("v", value)).count())
        .isEqualTo(parents.values().stream().filter(v -> v == value).count());
    assertThat(db.select("c").join("p", Join.on("p", "id"))).hasSize(children.size());
  }

  private static Map<Long, Long> rows(Selection rows, String column) {
    return rows.list().stream()
        .collect(Collectors.toMap(row -> row.integer("id"), row -> row.integer(column)));
  }
}

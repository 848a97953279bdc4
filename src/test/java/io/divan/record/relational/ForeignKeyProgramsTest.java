package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.relational.ForeignKey.OnDelete;
import io.divan.storage.StorageAdapter;
import io.divan.storage.fdb.ProgramCluster;
import io.divan.storage.fdb.simulation.SimulatedClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Two instances delete parents and insert children at the same time, over one simulated cluster
 * with faults, while a third changes the definition of the children: no child is ever an orphan.
 * {@code -Ddivan.programs=N} runs more seeds, {@code -Ddivan.seed=N -Ddivan.programs=1} the one
 * that failed.
 */
class ForeignKeyProgramsTest {
  private static final int PARENTS = 4;

  private static final TableDefinition CHILDREN =
      TableDefinition.of("child").column("n", ColumnType.INTEGER);

  @Test
  void deleteParent_besideInsertedChild() {
    int children = ProgramCluster.programs(20_261_940, 20, ForeignKeyProgramsTest::run);
    assertThat(children).as("children that stay").isPositive();
  }

  private static int run(long seed) {
    Random random = new Random(seed);
    try (ProgramCluster cluster = new ProgramCluster(seed)) {
      return run(cluster, random);
    }
  }

  private static int run(ProgramCluster cluster, Random random) {
    SimulatedClients clients = cluster.clients();
    List<RelationalDatabase> instances = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      StorageAdapter adapter = cluster.open();
      if (i == 0) {
        adapter.create("db", transaction -> {});
      }
      instances.add(RelationalDatabase.open(adapter.open("db"), "test"));
    }
    OnDelete onDelete = random.nextBoolean() ? OnDelete.CASCADE : OnDelete.RESTRICT;
    TableDefinition child =
        CHILDREN.column(Column.of("parent", ColumnType.INTEGER).references("parent", onDelete));
    RelationalDatabase first = instances.getFirst();
    first.createTable(
        TableDefinition.of("parent").column("id", ColumnType.INTEGER).key("id"));
    first.createTable(child);
    for (int i = 0; i < PARENTS; i++) {
      first.insert("parent", Map.of("id", i));
    }
    for (int i = 0; i < 2; i++) {
      Random own = new Random(random.nextLong());
      RelationalDatabase db = instances.get(i);
      clients.start("inserter " + i, () -> insert(db, own));
    }
    Random own = new Random(random.nextLong());
    clients.start("deleter", () -> delete(instances.get(1), own));
    clients.start(
        "definer",
        () -> {
          clients.sleep(Duration.ofMillis(5));
          instances.get(2).alterTable(child.version(2).column("more", ColumnType.TEXT));
        });
    cluster.run(random);
    return check(instances.getFirst());
  }

  private static void insert(RelationalDatabase db, Random random) {
    for (int i = 0; i < 12; i++) {
      try {
        db.insert("child", Map.of("n", i, "parent", random.nextInt(PARENTS)));
      } catch (RelationalException.ForeignKeyMissing e) {
        db.insertOrReplace("parent", Map.of("id", random.nextInt(PARENTS)));
      }
    }
  }

  private static void delete(RelationalDatabase db, Random random) {
    for (int i = 0; i < 8; i++) {
      try {
        db.delete("parent", Where.eq("id", random.nextInt(PARENTS)));
      } catch (RelationalException.StillReferenced e) {
        db.delete("child", Where.eq("parent", random.nextInt(PARENTS)));
      }
    }
  }

  private static int check(RelationalDatabase db) {
    Set<Object> parents = new HashSet<>();
    db.select("parent").list().forEach(row -> parents.add(row.integer("id")));
    List<Row> children = db.select("child").list();
    assertThat(children.stream().map(row -> (Object) row.integer("parent"))).isSubsetOf(parents);
    assertThat(children.stream().map(row -> row.integer("rowid")).distinct())
        .hasSize(children.size());
    assertThat(db.select("child").count()).isEqualTo(children.size());
    assertThat(children).allMatch(row -> row.columns().contains("more"));
    return children.size();
  }
}

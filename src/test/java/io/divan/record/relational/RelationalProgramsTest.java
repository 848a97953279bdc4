package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.relational.ModelStatements.Statement;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.fdb.ProgramCluster;
import io.divan.storage.fdb.simulation.SimulatedClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Clients of two instances change rows and definitions at the same time, over one simulated cluster
 * with faults, while both instances build indexes. Each transaction notes its place in a history;
 * plain maps that replay the history equal the tables. {@code -Ddivan.programs=N} runs more seeds,
 * {@code -Ddivan.seed=N -Ddivan.programs=1} the one that failed.
 */
class RelationalProgramsTest {
  private static final int CLIENTS = 4;
  private static final int TRANSACTIONS = 10;
  private static final int TABLES_MAX = 4;

  @Test
  void tables_ofTwoInstances_equalTheReplayedHistory() {
    int committed =
        ProgramCluster.programs(
            20_261_980,
            6,
            seed -> {
              try (ProgramCluster cluster = new ProgramCluster(seed)) {
                return new Program(cluster, new Random(seed)).run();
              }
            });
    assertThat(committed).as("committed transactions").isPositive();
  }

  private static final class Program {
    private final ProgramCluster cluster;
    private final Random random;
    private final SimulatedClients clients;
    private final List<RelationalDatabase> instances = new ArrayList<>();
    private final Map<String, List<Statement>> transactions = new ConcurrentHashMap<>();
    private final AtomicInteger names = new AtomicInteger();

    Program(ProgramCluster cluster, Random random) {
      this.cluster = cluster;
      this.random = random;
      this.clients = cluster.clients();
      for (int i = 0; i < 2; i++) {
        StorageAdapter adapter = cluster.open();
        if (i == 0) {
          adapter.create("db", transaction -> {});
        }
        instances.add(RelationalDatabase.open(adapter.open("db"), "test"));
      }
    }

    /** Returns the number of committed transactions. */
    int run() {
      RelationalDatabase first = instances.getFirst();
      first.createTable(
          TableDefinition.of("history")
              .column("n", ColumnType.INTEGER)
              .column("name", ColumnType.TEXT)
              .key("n"));
      for (int i = 0; i < CLIENTS; i++) {
        Random own = new Random(random.nextLong());
        String name = "client " + i;
        RelationalDatabase db = instances.get(i % 2);
        clients.start(name, () -> change(db, name, own));
      }
      for (RelationalDatabase db : instances) {
        Random own = new Random(random.nextLong());
        clients.start("builder", () -> build(db, own));
      }
      cluster.run(random);
      return compare();
    }

    private void change(RelationalDatabase db, String client, Random own) {
      ModelStatements statements =
          new ModelStatements(own, client.replace(' ', '_'), name -> keys(db, name));
      for (int i = 0; i < TRANSACTIONS; i++) {
        String name = client + " " + i;
        List<Statement> work = new ArrayList<>();
        transactions.put(name, work);
        try {
          List<TableDefinition> tables =
              db.tables().stream().filter(table -> !table.name().equals("history")).toList();
          if (tables.isEmpty() || own.nextInt(4) == 0) {
            work.add(
                statements.define(tables, "t" + names.incrementAndGet(), TABLES_MAX));
          }
          for (int j = own.nextInt(4); j >= 0 && !tables.isEmpty(); j--) {
            work.add(statements.change(tables.get(own.nextInt(tables.size()))));
          }
          db.transaction(
              tx -> {
                tx.insert("history", Map.of("n", tx.count("history"), "name", name));
                work.forEach(each -> each.run(tx));
                return true;
              });
        } catch (RelationalException e) {
          // not allowed: nothing of it is stored
        } catch (StorageException.StoreUnavailable e) {
          // possibly committed: the history has it then
        }
      }
    }

    private static List<Object> keys(RelationalDatabase db, String table) {
      return db.tables().stream()
          .filter(each -> each.name().equals(table) && each.primaryKey().size() == 1)
          .map(each -> each.primaryKey().getFirst())
          .flatMap(
              key -> db.select(table).limit(8).list().stream()
                  .flatMap(row -> row.get(key).stream()))
          .toList();
    }

    private void build(RelationalDatabase db, Random own) {
      for (int i = 0; i < 30; i++) {
        try {
          if (!db.maintain()) {
            clients.sleep(Duration.ofMillis(1 + own.nextInt(5)));
          }
        } catch (StorageException.StoreUnavailable e) {
          // tried again
        }
      }
    }

    private int compare() {
      RelationalDatabase db = instances.get(random.nextInt(2));
      ModelRows model = new ModelRows();
      List<Row> history = db.select("history").list();
      for (Row row : history) {
        List<Statement> work = transactions.getOrDefault(row.text("name"), List.of());
        try {
          work.forEach(each -> each.run(model));
        } catch (ModelRows.Refused e) {
          throw new AssertionError(row + " " + work, e);
        }
        assertThat(model.tables.values()).as("%s", work).allMatch(ModelRows::isUnique);
      }
      assertThat(history.stream().map(row -> row.integer("n")))
          .isEqualTo(LongStream.range(0, history.size()).boxed().toList());
      db.transaction(
          tx -> {
            tx.dropTable("history");
            return true;
          });
      ModelStatements statements = new ModelStatements(random, "last", name -> List.of());
      new ModelComparison(db, model, statements, random).compare();
      ModelComparison.maintain(instances, model);
      new ModelComparison(db, model, statements, random).compare();
      return history.size();
    }
  }
}

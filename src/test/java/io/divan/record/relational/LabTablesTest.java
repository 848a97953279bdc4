package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.index.IndexSpace;
import io.divan.record.relational.ForeignKey.OnDelete;
import io.divan.storage.Range;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * The exercises and chapters of the lab option-a-sqlite in the book of FoundationDB layers, one by
 * one. {@link RelationalDemoTest} is its demo.
 */
class LabTablesTest extends TablesFixture {
  private static final TableDefinition USERS =
      TableDefinition.of("users")
          .column("id", ColumnType.INTEGER)
          .column("name", ColumnType.TEXT)
          .column("city", ColumnType.TEXT)
          .key("id");

  private void insertUsers() {
    db.insert("users", Map.of("id", 1, "name", "Alice", "city", "Paris"));
    db.insert("users", Map.of("id", 2, "name", "Bob", "city", "Tokyo"));
    db.insert("users", Map.of("id", 3, "name", "Carol", "city", "Paris"));
  }

  private static List<String> names(List<Row> rows) {
    return rows.stream().map(row -> row.text("name")).toList();
  }

  /** Runs all of the work at once and returns the results, exceptions included. */
  private static <T> List<Object> together(List<Callable<T>> work) throws InterruptedException {
    try (ExecutorService threads = Executors.newFixedThreadPool(work.size())) {
      List<Object> results = new ArrayList<>();
      for (Future<T> each : threads.invokeAll(work)) {
        try {
          results.add(each.get());
        } catch (ExecutionException e) {
          results.add(e.getCause());
        }
      }
      return results;
    }
  }

  @Test
  void exercise1_secondaryIndex() {
    db.createTable(USERS.index(TableIndex.of("city", "city")));
    insertUsers();
    Selection inParis = db.select("users").where(Where.eq("city", "Paris"));
    assertThat(inParis.explain()).startsWith("index users.city (city = 'Paris')");
    assertThat(names(inParis.list())).containsExactly("Alice", "Carol");
    db.update("users", Where.eq("id", 1), Map.of("city", "Tokyo"));
    db.delete("users", Where.eq("id", 3));
    assertThat(inParis.list()).isEmpty();
    assertThat(names(db.select("users").where(Where.eq("city", "Tokyo")).list()))
        .containsExactly("Alice", "Bob");
  }

  @Test
  void exercise2_foreignKeys() {
    db.createTable(USERS);
    db.createTable(
        TableDefinition.of("posts")
            .column("text", ColumnType.TEXT)
            .column(
                Column.of("author", ColumnType.INTEGER).references("users", OnDelete.RESTRICT)));
    insertUsers();
    assertThatThrownBy(() -> db.insert("posts", Map.of("text", "x", "author", 9)))
        .isInstanceOf(RelationalException.ForeignKeyMissing.class);
    db.insert("posts", Map.of("text", "x", "author", 1));
    assertThatThrownBy(() -> db.delete("users", Where.eq("id", 1)))
        .isInstanceOf(RelationalException.StillReferenced.class);
    assertThat(db.select("posts").where(Where.eq("author", 1)).explain()).startsWith("index");
  }

  @Test
  void exercise3_transactionsForCallers() {
    db.createTable(USERS);
    insertUsers();
    assertThatThrownBy(
        () -> db.transaction(
            tx -> {
              tx.update("users", Where.eq("id", 1), Map.of("city", "Rome"));
              tx.delete("users", Where.eq("id", 2));
              throw new IllegalStateException("rollback");
            }))
        .hasMessage("rollback");
    assertThat(db.selectByKey("users", 1).orElseThrow().text("city")).isEqualTo("Paris");
    long left =
        db.transaction(
            tx -> {
              tx.update("users", Where.eq("id", 1), Map.of("city", "Rome"));
              tx.delete("users", Where.eq("id", 2));
              return tx.count("users");
            });
    assertThat(left).isEqualTo(2);
    assertThat(db.selectByKey("users", 1).orElseThrow().text("city")).isEqualTo("Rome");
  }

  @Test
  void exercise4_distinctAndCount() {
    db.createTable(USERS);
    insertUsers();
    assertThat(db.select("users").distinct("city").stream().map(row -> row.text("city")))
        .containsExactly("Paris", "Tokyo");
    assertThat(db.select("users").count()).isEqualTo(3);
    assertThat(db.select("users").where(Where.eq("city", "Paris")).count()).isEqualTo(2);
  }

  @Test
  void exercise5_schemaEvolution() {
    db.createTable(USERS);
    insertUsers();
    db.alterTable(
        USERS.version(2)
            .column(Column.of("active", ColumnType.BOOLEAN).notNull().defaultsTo(true)));
    RelationalDatabase fresh = RelationalDatabase.open(store, "test");
    assertThat(fresh.tables().getFirst().version()).isEqualTo(2);
    assertThat(fresh.select("users").list()).allMatch(row -> row.bool("active"));
  }

  @Test
  void crossCutting1_continuations() {
    db.createTable(USERS);
    for (int i = 0; i < 25; i++) {
      db.insert("users", Map.of("id", i, "name", "n" + i));
    }
    List<Row> all = new ArrayList<>();
    Optional<byte[]> cursor = Optional.empty();
    do {
      Selection.Page page =
          RelationalDatabase.open(store, "test").select("users").page(10, cursor);
      assertThat(page.rows()).hasSizeLessThanOrEqualTo(10);
      all.addAll(page.rows());
      cursor = page.continuation();
    } while (cursor.isPresent());
    assertThat(all).isEqualTo(db.select("users").list()).hasSize(25);
  }

  @Test
  void chapter2_catalog_isFoundByAFreshOpen() {
    db.createTable(USERS);
    assertThat(RelationalDatabase.open(store, "test").tables()).containsExactly(USERS);
    assertThat(RelationalDatabase.open(store, "another").tables()).isEmpty();
  }

  @Test
  void chapter2_twoCreateTheSameTable() throws InterruptedException {
    RelationalDatabase other = RelationalDatabase.open(store, "test");
    List<Object> same =
        together(
            List.of(
                () -> {
                  db.createTable(USERS);
                  return "created";
                },
                () -> {
                  other.createTable(USERS);
                  return "created";
                }));
    assertThat(same).containsExactly("created", "created");
    TableDefinition posts = TableDefinition.of("posts").column("a", ColumnType.TEXT);
    List<Object> different =
        together(
            List.of(
                () -> {
                  db.createTable(posts);
                  return "created";
                },
                () -> {
                  other.createTable(posts.column("b", ColumnType.TEXT));
                  return "created";
                }));
    assertThat(different).filteredOn("created"::equals).hasSize(1);
    assertThat(different)
        .filteredOn(each -> each instanceof RelationalException.TableExists)
        .hasSize(1);
  }

  @Test
  void chapter3_rows_keepAllTypes() {
    db.createTable(
        TableDefinition.of("types")
            .column("t", ColumnType.TEXT)
            .column("i", ColumnType.INTEGER)
            .column("d", ColumnType.DOUBLE)
            .column("b", ColumnType.BOOLEAN)
            .column("x", ColumnType.BYTES)
            .column("n", ColumnType.TEXT)
            .key("t"));
    db.insert(
        "types",
        Map.of("t", "Ä\0", "i", Long.MIN_VALUE, "d", -0.0, "b", true, "x", new byte[] {0, -1}));
    Row row = db.selectByKey("types", "Ä\0").orElseThrow();
    assertThat(row.integer("i")).isEqualTo(Long.MIN_VALUE);
    assertThat(Double.doubleToRawLongBits(row.real("d")))
        .isEqualTo(Double.doubleToRawLongBits(-0.0));
    assertThat(row.bool("b")).isTrue();
    assertThat(row.bytes("x")).containsExactly(0, -1);
    assertThat(row.get("n")).isEmpty();
  }

  @Test
  void chapter4_keys_sortByValue() {
    db.createTable(TableDefinition.of("n").column("id", ColumnType.INTEGER).key("id"));
    db.createTable(TableDefinition.of("t").column("id", ColumnType.TEXT).key("id"));
    for (int i : new int[] {100, 2, -1, 10, 0, 1, -2}) {
      db.insert("n", Map.of("id", i));
      db.insert("t", Map.of("id", "" + i));
    }
    assertThat(db.select("n").list().stream().map(row -> row.integer("id")))
        .containsExactly(-2L, -1L, 0L, 1L, 2L, 10L, 100L);
    assertThat(db.select("t").list().stream().map(row -> row.text("id")))
        .containsExactly("-1", "-2", "0", "1", "10", "100", "2");
    db.insert("t", Map.of("id", "z"));
    db.insert("t", Map.of("id", "é"));
    assertThat(db.select("t").descending().limit(2).list().stream().map(row -> row.text("id")))
        .containsExactly("é", "z");
  }

  @Test
  void chapter5_fullScan_withAPredicateInJava() {
    db.createTable(USERS);
    insertUsers();
    Selection inParis = db.select("users").where(row -> row.text("city").equals("Paris"));
    assertThat(names(inParis.list())).containsExactly("Alice", "Carol");
    assertThat(inParis.explain()).startsWith("all of the records of type users");
  }

  @Test
  void chapter6_rowIds_neverCollide() throws InterruptedException {
    TableDefinition log = TableDefinition.of("log").column("text", ColumnType.TEXT);
    db.createTable(log);
    db.createTable(
        new TableDefinition(
            "strict", 1, log.columns(), List.of(), List.of(), List.of(), true));
    for (String table : List.of("log", "strict")) {
      List<Callable<List<Long>>> work = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        RelationalDatabase own = i % 2 == 0 ? db : RelationalDatabase.open(store, "test");
        work.add(
            () -> {
              List<Long> ids = new ArrayList<>();
              for (int n = 0; n < 25; n++) {
                ids.add(own.insert(table, Map.of("text", "t")).integer("rowid"));
              }
              return ids;
            });
      }
      List<Object> ids = new ArrayList<>();
      for (Object each : together(work)) {
        assertThat(((List<?>) each).stream().map(Long.class::cast)).isSorted();
        ids.addAll((List<?>) each);
      }
      assertThat(ids).doesNotHaveDuplicates().hasSize(100);
      if (table.equals("strict")) { // without gaps
        assertThat(ids).contains(1L, 50L, 100L).doesNotContain(101L);
      }
    }
  }

  @Test
  void chapter7_update_overwrites() {
    db.createTable(USERS);
    insertUsers();
    db.insertOrReplace("users", Map.of("id", 1, "name", "Alice", "city", "Tokyo"));
    assertThat(db.selectByKey("users", 1).orElseThrow().text("city")).isEqualTo("Tokyo");
    assertThat(db.select("users").count()).isEqualTo(3);
  }

  @Test
  void chapter8_delete_andDropTable_leaveNoOrphans() {
    db.createTable(USERS.index(TableIndex.of("city", "city")));
    insertUsers();
    db.delete("users", Where.eq("id", 3));
    assertThat(db.selectByKey("users", 3)).isEmpty();
    db.delete("users", Where.eq("id", 3));
    db.dropTable("users");
    assertThatThrownBy(() -> db.select("users").list())
        .isInstanceOf(RelationalException.NoSuchTable.class);
    while (db.maintain()) {
      // until all rows are removed
    }
    byte[] tables = TupleWriter.pack("sql", "test", 1L);
    byte[] metadata = TupleWriter.pack("sql", "test", 1L, 0L);
    List<byte[]> keys =
        store.read(
            transaction -> transaction.scan(Range.prefix(IndexSpace.RECORDS, tables)).rows()
                .stream().map(row -> row.key()).toList());
    assertThat(keys)
        .allMatch(key -> Arrays.equals(metadata, Arrays.copyOf(key, metadata.length)));
  }

  @Test
  void chapter9_tableUser_isNotTableUsers() {
    db.createTable(TableDefinition.of("user").column("id", ColumnType.TEXT).key("id"));
    db.createTable(TableDefinition.of("users").column("id", ColumnType.TEXT).key("id"));
    db.insert("user", Map.of("id", "s\0x"));
    db.insert("user", Map.of("id", "s"));
    db.insert("users", Map.of("id", "\0x"));
    db.insert("users", Map.of("id", ""));
    assertThat(db.select("user").list()).hasSize(2);
    db.dropTable("user");
    while (db.maintain()) {
      // until all rows are removed
    }
    assertThat(db.select("users").list()).hasSize(2);
  }

  @Test
  void chapter10_join() {
    db.createTable(USERS);
    db.createTable(TableDefinition.of("cities").column("name", ColumnType.TEXT).key("name"));
    insertUsers();
    db.insert("cities", Map.of("name", "Paris"));
    assertThat(
        db.select("users").join("cities", Join.on("city", "name")).stream()
            .map(pair -> pair.left().text("name")))
        .containsExactly("Alice", "Carol");
  }

  @Test
  void chapter13_schemaCache_isNeverStale() {
    db.createTable(USERS);
    RelationalDatabase other = RelationalDatabase.open(store, "test");
    insertUsers();
    assertThat(other.select("users").list()).hasSize(3);
    db.dropTable("users");
    assertThatThrownBy(() -> other.select("users").list())
        .isInstanceOf(RelationalException.NoSuchTable.class);
    db.createTable(TableDefinition.of("users").column("email", ColumnType.TEXT).key("email"));
    other.insert("users", Map.of("email", "a@b"));
    assertThat(db.select("users").list()).hasSize(1);
  }

  @Test
  void chapter14_compositeKeys() {
    db.createTable(
        TableDefinition.of("orders")
            .column("user", ColumnType.TEXT)
            .column("number", ColumnType.INTEGER)
            .column("total", ColumnType.DOUBLE)
            .key("user", "number"));
    for (int i = 0; i < 12; i++) {
      db.insert("orders", Map.of("user", i % 2 == 0 ? "a" : "a\0", "number", i, "total", i));
    }
    Selection ofA = db.select("orders").where(Where.eq("user", "a"));
    assertThat(ofA.explain()).startsWith("records by key (user = 'a')");
    assertThat(ofA.list().stream().map(row -> row.integer("number")))
        .containsExactly(0L, 2L, 4L, 6L, 8L, 10L);
    assertThat(db.selectByKey("orders", "a\0", 3).orElseThrow().real("total")).isEqualTo(3.0);
  }

  @Test
  void chapter15_twoInsertTheSameKey() throws InterruptedException {
    db.createTable(USERS);
    RelationalDatabase other = RelationalDatabase.open(store, "test");
    List<Object> results =
        together(
            List.of(
                () -> db.insert("users", Map.of("id", 1, "name", "a")),
                () -> other.insert("users", Map.of("id", 1, "name", "b"))));
    assertThat(results).filteredOn(each -> each instanceof Row).hasSize(1);
    assertThat(results)
        .filteredOn(each -> each instanceof RelationalException.DuplicateKey)
        .hasSize(1);
    other.insertOrReplace("users", Map.of("id", 1, "name", "c"));
    assertThat(db.select("users").list()).hasSize(1);
  }

  @Test
  void chapter15_newColumn_hasItsDefaultInOldRows() {
    db.createTable(USERS);
    insertUsers();
    TableDefinition more = USERS.version(2).column("mail", ColumnType.TEXT);
    db.alterTable(
        more,
        row -> {
          row.put("mail", row.get("name") + "@example.org");
          return row;
        });
    assertThat(db.select("users").list().stream().map(row -> row.text("mail")))
        .containsExactly("Alice@example.org", "Bob@example.org", "Carol@example.org");
    db.alterTable(
        more.version(3)
            .columns(
                more.columns().stream()
                    .map(column -> column.name().equals("mail") ? column.notNull() : column)
                    .toList()));
    while (db.maintain()) {
      // until the rows are checked
    }
    assertThat(db.checks()).isEmpty();
    assertThatThrownBy(() -> db.insert("users", Map.of("id", 9)))
        .isInstanceOf(RelationalException.NotNull.class);
  }
}

package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.Index;
import io.divan.record.index.IndexSpace;
import io.divan.record.relational.ForeignKey.OnDelete;
import io.divan.storage.Range;
import io.divan.storage.tuple.TupleWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RelationalDatabaseTest extends TablesFixture {
  private static final TableDefinition USERS =
      TableDefinition.of("users")
          .column("id", ColumnType.INTEGER)
          .column(Column.of("name", ColumnType.TEXT).notNull())
          .column(Column.of("city", ColumnType.TEXT).defaultsTo("Paris"))
          .column("age", ColumnType.INTEGER)
          .key("id")
          .index(TableIndex.of("city", "city", "age"));

  private static final TableDefinition POSTS =
      TableDefinition.of("posts")
          .column("text", ColumnType.TEXT)
          .column(Column.of("author", ColumnType.INTEGER).references("users", OnDelete.RESTRICT));

  private void users() {
    db.createTable(USERS);
    db.insert("users", Map.of("id", 1, "name", "Alice", "age", 30));
    db.insert("users", Map.of("id", 2, "name", "Bob", "city", "Tokyo", "age", 20));
    db.insert("users", Map.of("id", 3, "name", "Carol", "age", 25));
    db.insert("users", Map.of("id", 4, "name", "Dan", "city", "Rome"));
  }

  private static List<Object> ids(List<Row> rows) {
    return rows.stream().map(row -> row.get("id").orElseThrow()).toList();
  }

  @Test
  void open_findsTables() {
    users();
    RelationalDatabase again = RelationalDatabase.open(store, "test");
    assertThat(again.tables()).containsExactly(USERS);
    assertThat(again.select("users").count()).isEqualTo(4);
    assertThat(RelationalDatabase.open(store, "other").tables()).isEmpty();
  }

  @Test
  void open_findsDefaultsOfAllTypes() {
    TableDefinition table = TableDefinition.of("t").column("id", ColumnType.INTEGER).key("id");
    List<Column> columns =
        List.of(
            Column.of("i", ColumnType.INTEGER).defaultsTo(1),
            Column.of("d", ColumnType.DOUBLE).defaultsTo(1),
            Column.of("b", ColumnType.BOOLEAN).defaultsTo(true),
            Column.of("t", ColumnType.TEXT).defaultsTo("t"),
            Column.of("x", ColumnType.BYTES).defaultsTo(new byte[] {1}));
    for (Column column : columns) {
      table = table.column(column);
    }
    db.createTable(table);
    db.createTable(table);
    assertThat(RelationalDatabase.open(store, "test").tables()).containsExactly(table);
    assertThat(db.insert("t", Map.of("id", 1)).bytes("x")).containsExactly(1);
  }

  @Test
  void createTable_twice() {
    RelationalDatabase other = RelationalDatabase.open(store, "test");
    db.createTable(USERS);
    other.createTable(USERS);
    assertThatThrownBy(() -> other.createTable(USERS.column("x", ColumnType.TEXT)))
        .isInstanceOf(RelationalException.TableExists.class)
        .hasMessage("Table users exists with another definition");
  }

  @Test
  void createTable_refused() {
    TableDefinition table = TableDefinition.of("t").column("a", ColumnType.TEXT);
    for (TableDefinition each : List.of(
        TableDefinition.of("t"),
        table.column("a", ColumnType.TEXT),
        table.column("rowid", ColumnType.INTEGER),
        table.column("no name", ColumnType.TEXT),
        table.version(2),
        table.index(TableIndex.of("i", "a", "a")),
        table.column(
            Column.of("b", ColumnType.TEXT).references("t", OnDelete.CASCADE)))) {
      assertThatThrownBy(() -> db.createTable(each))
          .isInstanceOf(RelationalException.Refused.class);
    }
    assertThatThrownBy(() -> db.createTable(table.key("b")))
        .isInstanceOf(RelationalException.NoSuchColumn.class);
    assertThatThrownBy(() -> db.createTable(POSTS))
        .isInstanceOf(RelationalException.NoSuchTable.class);
    assertThat(db.tables()).isEmpty();
  }

  @Test
  void insert_checksValues() {
    users();
    assertThat(db.selectByKey("users", 1).orElseThrow().values())
        .containsExactly(
            Map.entry("id", 1L),
            Map.entry("name", "Alice"),
            Map.entry("city", "Paris"),
            Map.entry("age", 30L));
    assertThatThrownBy(() -> db.insert("users", Map.of("id", 1, "name", "Eve")))
        .isInstanceOf(RelationalException.DuplicateKey.class);
    assertThatThrownBy(() -> db.insert("users", Map.of("id", 5)))
        .isInstanceOf(RelationalException.NotNull.class);
    assertThatThrownBy(() -> db.insert("users", Map.of("name", "Eve")))
        .isInstanceOf(RelationalException.NotNull.class);
    assertThatThrownBy(() -> db.insert("users", Map.of("id", "5", "name", "Eve")))
        .isInstanceOf(RelationalException.WrongType.class)
        .hasMessage("Column id of table users is INTEGER; it cannot hold a String");
    assertThatThrownBy(() -> db.insert("users", Map.of("id", 5, "name", "Eve", "x", 1)))
        .isInstanceOf(RelationalException.NoSuchColumn.class);
    assertThat(db.select("users").count()).isEqualTo(4);
  }

  @Test
  void transaction_exceptionRollsBack() {
    users();
    assertThatThrownBy(
        () -> db.transaction(
            tx -> {
              tx.insert("users", Map.of("id", 5, "name", "Eve"));
              assertThat(tx.selectByKey("users", 5)).isPresent();
              assertThat(tx.select("users").where(Where.eq("city", "Paris")).list())
                  .hasSize(3);
              assertThat(tx.count("users")).isEqualTo(5);
              throw new IllegalStateException("stop");
            }))
        .hasMessage("stop");
    assertThat(db.selectByKey("users", 5)).isEmpty();
  }

  @Test
  void transaction_failedChangeEndsIt() {
    users();
    db.createTable(POSTS);
    assertThatThrownBy(
        () -> db.transaction(
            tx -> {
              try {
                tx.insert("posts", Map.of("author", 9));
              } catch (RelationalException.ForeignKeyMissing e) {
                return "caught";
              }
              return "inserted";
            }))
        .isInstanceOf(RelationalException.ForeignKeyMissing.class);
    assertThat(db.select("posts").list()).isEmpty();
  }

  @Test
  void keys_sortByValue() {
    db.createTable(TableDefinition.of("n").column("id", ColumnType.INTEGER).key("id"));
    BigInteger large = BigInteger.TWO.pow(80);
    List<Object> sorted = List.of(large.negate(), -10L, -1L, 0L, 1L, 2L, 10L, 100L, large);
    for (int i : new int[] {8, 3, 5, 0, 2, 7, 1, 6, 4}) {
      db.insert("n", Map.of("id", sorted.get(i)));
    }
    assertThat(ids(db.select("n").list())).isEqualTo(sorted);
    assertThat(ids(db.select("n").descending().limit(2).list())).isEqualTo(List.of(large, 100L));
    assertThat(ids(db.select("n").where(Where.between("id", -1, 2)).list()))
        .isEqualTo(List.of(-1L, 0L, 1L, 2L));
  }

  @Test
  void tableNames_thatBeginAlike() {
    db.createTable(TableDefinition.of("user").column("id", ColumnType.TEXT).key("id"));
    db.createTable(TableDefinition.of("users").column("id", ColumnType.TEXT).key("id"));
    db.insert("user", Map.of("id", "s\0"));
    db.insert("users", Map.of("id", "\0"));
    assertThat(db.select("user").list()).hasSize(1);
    assertThat(db.delete("user", Where.all())).isEqualTo(1);
    assertThat(db.select("users").list()).hasSize(1);
  }

  @Test
  void rowIds_grow() {
    db.createTable(TableDefinition.of("log").column("text", ColumnType.TEXT));
    db.createTable(TableDefinition.of("strict").column("text", ColumnType.TEXT).strictly());
    RelationalDatabase other = RelationalDatabase.open(store, "test");
    assertThat(db.insert("log", Map.of("text", "a")).get("rowid")).contains(1L);
    assertThat(other.insert("log", Map.of("text", "b")).get("rowid")).contains(101L);
    assertThat(db.insert("log", Map.of("text", "c")).get("rowid")).contains(2L);
    assertThat(db.insert("strict", Map.of("text", "a")).get("rowid")).contains(1L);
    assertThat(other.insert("strict", Map.of("text", "b")).get("rowid")).contains(2L);
    List<Row> many =
        db.transaction(
            tx -> {
              List<Row> rows = new ArrayList<>();
              for (int i = 0; i < 450; i++) {
                rows.add(tx.insert("log", Map.of("text", "x" + i)));
              }
              return rows;
            });
    assertThat(many.stream().map(row -> row.integer("rowid")).distinct()).hasSize(450);
    assertThat(many.stream().map(row -> row.integer("rowid"))).isSorted();
    assertThat(db.select("log").count()).isEqualTo(453);
    assertThat(db.selectByKey("log", 101).orElseThrow().text("text")).isEqualTo("b");
  }

  @Test
  void indexes_serveConditions() {
    users();
    Selection inParis = db.select("users").where(Where.eq("city", "Paris"));
    assertThat(inParis.explain()).startsWith("index users.city (city = 'Paris')");
    assertThat(inParis.orderBy("age").explain()).doesNotContain("sort");
    assertThat(ids(inParis.orderBy("age").list())).containsExactly(3L, 1L);
    assertThat(ids(inParis.orderBy("age").descending().list())).containsExactly(1L, 3L);
    assertThat(db.select("users").columns("city", "age").where(Where.eq("city", "x")).explain())
        .endsWith("without reading records");
    assertThat(db.select("users").where(Where.eq("name", "Bob")).explain())
        .startsWith("all of the records of type users");
    assertThat(ids(db.select("users").where(row -> row.text("name").length() == 3).list()))
        .containsExactly(2L, 4L);
    assertThat(
        db.select("users")
            .columns("city")
            .where(Where.eq("city", "Paris"))
            .where(row -> row.text("name").equals("Carol"))
            .list())
        .hasSize(1);
  }

  @Test
  void uniqueIndex_refusesDuplicates() {
    db.createTable(
        TableDefinition.of("t")
            .column("id", ColumnType.INTEGER)
            .column("code", ColumnType.TEXT)
            .key("id")
            .index(TableIndex.of("code", Index.Column.desc("code")).uniquely()));
    db.insert("t", Map.of("id", 1, "code", "a"));
    db.insert("t", Map.of("id", 2));
    db.insert("t", Map.of("id", 3));
    assertThatThrownBy(() -> db.insert("t", Map.of("id", 4, "code", "a")))
        .isInstanceOf(RelationalException.NotUnique.class)
        .hasMessage("The row with the key [1] has the same columns in unique index t.code");
    assertThatThrownBy(() -> db.update("t", Where.eq("id", 2), Map.of("code", "a")))
        .isInstanceOf(RelationalException.NotUnique.class);
  }

  @Test
  void page_continues() {
    users();
    Selection all = db.select("users").orderBy("city", "age");
    Selection.Page first = all.page(3, Optional.empty());
    assertThat(ids(first.rows())).containsExactly(3L, 1L, 4L);
    db.delete("users", Where.eq("id", 4));
    Selection.Page second =
        RelationalDatabase.open(store, "test")
            .select("users")
            .orderBy("city", "age")
            .page(3, first.continuation());
    assertThat(ids(second.rows())).containsExactly(2L);
    assertThat(second.continuation()).isEmpty();
  }

  @Test
  void update_movesKeys() {
    users();
    assertThat(db.update("users", Where.eq("id", 1), Map.of("id", 9, "age", 31))).isEqualTo(1);
    assertThat(ids(db.select("users").list())).containsExactly(2L, 3L, 4L, 9L);
    assertThatThrownBy(() -> db.update("users", Where.eq("id", 2), Map.of("id", 3)))
        .isInstanceOf(RelationalException.DuplicateKey.class);
  }

  @Test
  void foreignKey_restricts() {
    users();
    db.createTable(POSTS);
    db.insert("posts", Map.of("text", "a", "author", 1));
    db.insert("posts", Map.of("text", "b"));
    assertThatThrownBy(() -> db.delete("users", Where.eq("id", 1)))
        .isInstanceOf(RelationalException.StillReferenced.class);
    assertThatThrownBy(() -> db.update("users", Where.eq("id", 1), Map.of("id", 7)))
        .isInstanceOf(RelationalException.StillReferenced.class);
    assertThatThrownBy(() -> db.update("posts", Where.all(), Map.of("author", 8)))
        .isInstanceOf(RelationalException.ForeignKeyMissing.class);
    assertThatThrownBy(() -> db.dropTable("users"))
        .isInstanceOf(RelationalException.StillReferenced.class);
    db.delete("posts", Where.eq("author", 1));
    assertThat(db.delete("users", Where.eq("id", 1))).isEqualTo(1);
  }

  @Test
  void foreignKey_cascades() {
    db.createTable(
        TableDefinition.of("tree")
            .column("id", ColumnType.INTEGER)
            .column(Column.of("up", ColumnType.INTEGER).references("tree", OnDelete.CASCADE))
            .key("id"));
    db.insert("tree", Map.of("id", 1, "up", 1));
    for (int i = 2; i <= 40; i++) {
      db.insert("tree", Map.of("id", i, "up", i / 2));
    }
    assertThat(db.delete("tree", Where.eq("id", 3))).isEqualTo(1);
    assertThat(ids(db.select("tree").list())).doesNotContain(3L, 6L, 7L, 12L, 31L).contains(2L);
    assertThat(db.delete("tree", Where.eq("id", 1))).isEqualTo(1);
    assertThat(db.select("tree").list()).isEmpty();
    assertThat(db.select("tree").count()).isZero();
  }

  @Test
  void aggregates() {
    users();
    Aggregate.Result all =
        db.select("users")
            .aggregate(
                Aggregate.count(),
                Aggregate.sum("age"),
                Aggregate.avg("age"),
                Aggregate.min("name"),
                Aggregate.max("age"));
    assertThat(all.get(Aggregate.count())).contains(4L);
    assertThat(all.get(Aggregate.sum("age"))).contains(75L);
    assertThat(all.get(Aggregate.avg("age"))).contains(25.0);
    assertThat(all.get(Aggregate.min("name"))).contains("Alice");
    assertThat(all.get(Aggregate.max("age"))).contains(30L);
    assertThat(db.select("users").distinct("city").stream().map(row -> row.text("city")))
        .containsExactlyInAnyOrder("Paris", "Rome", "Tokyo");
    Map<Row, Aggregate.Result> groups =
        db.select("users").groupBy(List.of("city"), Aggregate.count(), Aggregate.sum("age"));
    assertThat(groups).hasSize(3);
    groups.forEach(
        (group, result) -> {
          boolean paris = group.text("city").equals("Paris");
          assertThat(result.get(Aggregate.count())).contains(paris ? 2L : 1L);
          if (group.text("city").equals("Rome")) {
            assertThat(result.get(Aggregate.sum("age"))).isEmpty();
          }
        });
    assertThat(db.select("users").where(Where.ge("age", 25)).count()).isEqualTo(2);
    assertThatThrownBy(() -> db.select("users").aggregate(Aggregate.sum("name")))
        .isInstanceOf(RelationalException.Refused.class);
  }

  @Test
  void join_pairsRows() {
    users();
    db.createTable(POSTS);
    db.insert("posts", Map.of("text", "a", "author", 1));
    db.insert("posts", Map.of("text", "b", "author", 3));
    db.insert("posts", Map.of("text", "c", "author", 1));
    db.insert("posts", Map.of("text", "d"));
    assertThat(
        db.select("users").join("posts", Join.on("id", "author")).stream()
            .map(pair -> pair.left().text("name") + pair.right().text("text")))
        .containsExactly("Alicea", "Alicec", "Carolb");
    assertThat(
        db.select("posts").join("users", Join.on("author", "id")).stream()
            .map(pair -> pair.left().text("text") + pair.right().text("name")))
        .containsExactly("aAlice", "bCarol", "cAlice");
  }

  @Test
  void alterTable_defaultsAndSteps() {
    users();
    TableDefinition changed =
        USERS.version(2)
            .column(Column.of("vip", ColumnType.BOOLEAN).notNull().defaultsTo(false))
            .column("shout", ColumnType.TEXT)
            .index(TableIndex.of("vip", "vip"));
    assertThat(
        db.alterTable(
            changed,
            row -> {
              String name = String.valueOf(row.get("name"));
              row.put("shout", name.toUpperCase(Locale.ROOT));
              return row;
            }))
        .isEqualTo(4);
    assertThat(db.selectByKey("users", 2).orElseThrow().text("shout")).isEqualTo("BOB");
    maintain(db);
    Selection plain = db.select("users").where(Where.eq("vip", false));
    assertThat(plain.explain()).startsWith("index users.vip");
    assertThat(plain.list()).hasSize(4);
    TableDefinition less =
        changed
            .version(3)
            .columns(changed.columns().stream().filter(c -> !c.name().equals("age")).toList())
            .indexes(List.of());
    db.alterTable(less);
    assertThat(db.selectByKey("users", 1).orElseThrow().columns())
        .containsExactly("id", "name", "city", "vip", "shout");
    db.alterTable(less.version(4).column("age", ColumnType.TEXT));
    assertThat(db.selectByKey("users", 1).orElseThrow().get("age")).isEmpty();
  }

  @Test
  void alterTable_refused() {
    users();
    for (TableDefinition each : List.of(
        USERS.version(3),
        USERS.version(2).key("name"),
        USERS.version(2).column(Column.of("x", ColumnType.TEXT).notNull()),
        USERS.version(2)
            .columns(
                List.of(
                    Column.of("id", ColumnType.TEXT),
                    Column.of("name", ColumnType.TEXT),
                    Column.of("city", ColumnType.TEXT),
                    Column.of("age", ColumnType.INTEGER))))) {
      assertThatThrownBy(() -> db.alterTable(each))
          .isInstanceOf(RelationalException.Refused.class);
    }
    assertThat(db.tables()).containsExactly(USERS);
  }

  @Test
  void instances_seeDefinitionsAtOnce() {
    users();
    RelationalDatabase other = RelationalDatabase.open(store, "test");
    db.alterTable(
        USERS.version(2).column(Column.of("vip", ColumnType.BOOLEAN).defaultsTo(true)));
    assertThat(other.selectByKey("users", 1).orElseThrow().bool("vip")).isTrue();
    other.insert("users", Map.of("id", 8, "name", "Eve", "vip", false));
    assertThat(db.selectByKey("users", 8).orElseThrow().bool("vip")).isFalse();
    db.dropTable("users");
    assertThatThrownBy(() -> other.insert("users", Map.of("id", 9, "name", "Eve")))
        .isInstanceOf(RelationalException.NoSuchTable.class);
  }

  @Test
  void dropTable_leavesTheCatalogOnly() {
    users();
    db.createTable(POSTS);
    db.insert("posts", Map.of("author", 1));
    assertThat(data()).isPositive();
    db.dropTable("posts");
    db.dropTable("users");
    maintain(db);
    assertThat(data()).isZero();
    db.createTable(USERS);
    assertThat(db.select("users").list()).isEmpty();
    assertThat(db.select("users").count()).isZero();
  }

  /** Returns the number of rows of records and indexes of tables. */
  private long data() {
    byte[] prefix = TupleWriter.pack("sql", "test", 1L);
    byte[] metadata = TupleWriter.pack("sql", "test", 1L, 0L);
    return store.read(
        transaction -> transaction.scan(Range.prefix(IndexSpace.RECORDS, prefix)).rows().size()
            - transaction.scan(Range.prefix(IndexSpace.RECORDS, metadata)).rows().size());
  }

  private static void maintain(RelationalDatabase db) {
    boolean more = true;
    while (more) {
      more = db.maintain();
    }
  }
}

package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.Index;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.checked.CheckedAdapter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Different values and functions of groups: from indexes and counters, or from all rows. */
class GroupsTest {
  private static final TableDefinition SALES =
      TableDefinition.of("sales")
          .column("id", ColumnType.INTEGER)
          .column("city", ColumnType.TEXT)
          .column("year", ColumnType.INTEGER)
          .column(Column.of("price", ColumnType.INTEGER).notNull())
          .column("note", ColumnType.TEXT)
          .key("id");

  private static final TableIndex CITY = TableIndex.of("city", "city", "year");

  private static final Aggregate COUNT = Aggregate.count();
  private static final Aggregate SUM = Aggregate.sum("price");
  private static final Aggregate AVG = Aggregate.avg("price");

  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private CountingStore store;
  private RelationalDatabase db;

  @BeforeEach
  void open() {
    adapter.create("db", transaction -> {});
    store = new CountingStore(adapter.open("db"));
    db = RelationalDatabase.open(store, "test");
  }

  @AfterEach
  void close() {
    adapter.close();
  }

  /** Inserts rows: {@code each} of every combination of cities and years, null included. */
  private void insert(String table, int cities, int years, int each) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < cities * years * each; i++) {
      Map<String, Object> row = new HashMap<>();
      row.put("id", i);
      row.put("price", i % 7);
      row.put("note", "n" + i);
      int city = i % cities;
      int year = i / cities % years;
      if (city > 0) {
        row.put("city", "c" + city);
      }
      if (year > 0) {
        row.put("year", 2000 + year);
      }
      rows.add(row);
    }
    for (int i = 0; i < rows.size(); i += 1_000) {
      List<Map<String, Object>> some = rows.subList(i, Math.min(i + 1_000, rows.size()));
      db.transaction(
          tx -> {
            some.forEach(row -> tx.insert(table, row));
            return true;
          });
    }
  }

  @Test
  void distinct_skipsEqualRowsOfAnIndex() {
    db.createTable(SALES.index(CITY));
    insert("sales", 5, 2, 500);
    store.takeRows();
    List<Row> cities = db.select("sales").distinct("city");
    assertThat(cities.stream().map(row -> row.get("city")))
        .containsExactly(
            Optional.empty(),
            Optional.of("c1"),
            Optional.of("c2"),
            Optional.of("c3"),
            Optional.of("c4"));
    assertThat(store.takeRows()).isLessThan(60);
    assertThat(db.select("sales").distinct("city", "year")).hasSize(10);
    assertThat(store.takeRows()).isLessThan(180);
    assertThat(db.select("sales").where(Where.eq("city", "c2")).distinct("year")).hasSize(2);
    assertThat(store.takeRows()).isLessThan(40);
    assertThat(db.select("sales").where(Where.gt("city", "c2")).distinct("city")).hasSize(2);
    assertThat(store.takeRows()).isLessThan(40);
    assertThat(db.select("sales").distinct("note")).hasSize(5_000);
    assertThat(store.takeRows()).isGreaterThanOrEqualTo(5_000);
  }

  @Test
  void distinct_readsManyValuesInLargePages() {
    db.createTable(SALES.index(TableIndex.of("note", "note")));
    insert("sales", 5, 2, 500);
    store.takeScans();
    assertThat(db.select("sales").distinct("note")).hasSize(5_000);
    assertThat(store.takeScans()).isLessThan(20);
  }

  @Test
  void distinct_ofAKeyPrefix() {
    db.createTable(
        TableDefinition.of("t")
            .column("a", ColumnType.TEXT)
            .column("b", ColumnType.INTEGER)
            .key("a", "b"));
    for (int i = 0; i < 300; i++) {
      db.insert("t", Map.of("a", i % 2 == 0 ? "x" : "y", "b", i));
    }
    store.takeRows();
    assertThat(db.select("t").distinct("a")).hasSize(2);
    assertThat(store.takeRows()).isLessThan(30);
  }

  @Test
  void distinct_equalsThatOfAllRows() {
    Random random = new Random(7);
    TableDefinition plain = SALES.index(TableIndex.of("c", Index.Column.desc("city")));
    db.createTable(plain.index(CITY).index(TableIndex.of("price", "price", "city")));
    insert("sales", 4, 3, 40);
    Where[] conditions = {
      Where.all(),
      Where.eq("city", "c1"),
      Where.isNull("city"),
      Where.ge("price", 3),
      Where.in("price", List.of(1, 2)),
      Where.or(Where.eq("city", "c1"), Where.eq("price", 2)),
      Where.startsWith("note", "n1"),
      Where.and(Where.gt("city", "c1"), Where.le("year", 2001))
    };
    for (int i = 0; i < 60; i++) {
      Where where = conditions[random.nextInt(conditions.length)];
      List<String> columns = new ArrayList<>(List.of("city", "year", "price"));
      java.util.Collections.shuffle(columns, random);
      String[] some = columns.subList(0, 1 + random.nextInt(3)).toArray(String[]::new);
      Set<Row> expected = new LinkedHashSet<>(db.select("sales").where(where).columns(some).list());
      List<Row> found = db.select("sales").where(where).distinct(some);
      assertThat(found).as("%s of %s", where, List.of(some)).doesNotHaveDuplicates();
      assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
      db.update("sales", Where.eq("id", random.nextInt(480)), Map.of("price", random.nextInt(9)));
    }
  }

  @Test
  void counters_serveFunctionsOfGroups() {
    db.createTable(
        SALES.counter(TableCounter.of("city", "city").sums("price"))
            .counter(TableCounter.of("all").sums("price")));
    insert("sales", 5, 2, 100);
    store.takeRows();
    store.takeScans();
    Selection all = db.select("sales");
    assertThat(all.count()).isEqualTo(1_000);
    assertThat(all.where(Where.eq("city", "c1")).count()).isEqualTo(200);
    assertThat(all.where(Where.in("city", List.of("c1", "c1", "c2"))).count()).isEqualTo(400);
    assertThat(all.where(Where.isNull("city")).count()).isEqualTo(200);
    assertThat(all.where(Where.eq("city", "none")).aggregate(SUM).get(SUM)).isEmpty();
    assertThat(all.aggregate(SUM, AVG).get(AVG)).contains(2_997 / 1_000.0);
    assertThat(all.distinct("city")).hasSize(5);
    assertThat(all.groupBy(List.of("city"), COUNT, SUM, AVG)).hasSize(5);
    assertThat(store.takeRows()).isLessThan(100);
    assertThat(all.where(Where.eq("year", 2001)).count()).isEqualTo(500);
    assertThatThrownBy(() -> all.where(Where.eq("city", 5)).count())
        .isInstanceOf(RelationalException.Refused.class);
  }

  @Test
  void counters_equalAScan_afterChanges() {
    TableDefinition plain = SALES.index(CITY);
    db.createTable(plain);
    insert("sales", 3, 2, 20);
    TableDefinition counted =
        plain.version(2).counter(TableCounter.of("by", "year", "city").sums("price"));
    Map<Row, Aggregate.Result> scanned =
        db.select("sales").groupBy(List.of("city", "year"), COUNT, SUM, AVG);
    db.alterTable(counted);
    assertThat(db.select("sales").groupBy(List.of("city", "year"), COUNT, SUM, AVG))
        .as("while the counters are built")
        .isEqualTo(scanned);
    while (db.maintain()) {
      // until all are built
    }
    assertThat(db.select("sales").groupBy(List.of("city", "year"), COUNT, SUM, AVG))
        .isEqualTo(scanned);
    assertThat(RelationalDatabase.open(store, "test").tables()).containsExactly(counted);
    db.update("sales", Where.eq("city", "c1"), Map.of("price", 0));
    db.delete("sales", Where.isNull("city"));
    db.update("sales", Where.eq("id", 5), Map.of("city", "new", "price", 100));
    List<Map<Row, Aggregate.Result>> inside =
        db.transaction(
            tx -> {
              tx.insert("sales", Map.of("id", 1_000, "price", 5, "city", "later", "year", 1));
              return List.of(
                  tx.select("sales").groupBy(List.of("city", "year"), COUNT, SUM),
                  tx.select("sales").where(row -> true).groupBy(List.of("city", "year"), COUNT,
                      SUM));
            });
    assertThat(inside.getFirst()).isEqualTo(inside.getLast());
    assertThat(db.select("sales").groupBy(List.of("city", "year"), COUNT, SUM, AVG))
        .isEqualTo(
            db.select("sales")
                .where(row -> true)
                .groupBy(List.of("city", "year"), COUNT, SUM, AVG))
        .hasSize(6);
  }

  @Test
  void counter_refused() {
    for (TableCounter each : List.of(
        TableCounter.of("none"),
        TableCounter.of("year", "id").sums("year"),
        TableCounter.of("note").sums("note"),
        TableCounter.of("twice", "city", "city"),
        TableCounter.of("no name", "city"))) {
      assertThatThrownBy(() -> db.createTable(SALES.counter(each)))
          .as("%s", each)
          .isInstanceOf(RelationalException.Refused.class);
    }
    assertThatThrownBy(() -> db.createTable(SALES.counter(TableCounter.of("x", "x"))))
        .isInstanceOf(RelationalException.NoSuchColumn.class);
    db.createTable(SALES.counter(TableCounter.of("all").sums("price")));
    assertThatThrownBy(
        () -> db.insert("sales", Map.of("id", 1, "price", Long.MAX_VALUE)))
        .isInstanceOf(RelationalException.Refused.class);
  }
}

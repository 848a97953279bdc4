package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.index.Backend;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The demo of the lab, and what it prints. docs/records.md shows both. */
class RelationalDemoTest {
  private static final String EXPECTED =
      """
      SELECT * FROM users;
      map[city:Paris id:1 name:Alice]
      map[city:Tokyo id:2 name:Bob]
      map[city:Paris id:3 name:Carol]
      SELECT * FROM users WHERE city='Paris';
      map[city:Paris id:1 name:Alice]
      map[city:Paris id:3 name:Carol]
      After UPDATE users SET city='Tokyo' WHERE id=1;
      map[city:Tokyo id:1 name:Alice]
      map[city:Tokyo id:2 name:Bob]
      map[city:Paris id:3 name:Carol]
      After DELETE FROM users WHERE id=3;
      map[city:Tokyo id:1 name:Alice]
      map[city:Tokyo id:2 name:Bob]
      """;

  private final StringBuilder out = new StringBuilder();

  @ParameterizedTest
  @EnumSource(Backend.class)
  void demo_printsWhatTheLabPrints(Backend backend, @TempDir Path directory) {
    try (StorageAdapter adapter = backend.open(directory)) {
      adapter.create("db", transaction -> {});
      demo(RelationalDatabase.open(adapter.open("db"), "demo"));
    }
    assertThat(out).hasToString(EXPECTED);
  }

  private void demo(RelationalDatabase db) {
    db.createTable(
        TableDefinition.of("users")
            .column("id", ColumnType.INTEGER)
            .column("name", ColumnType.TEXT)
            .column("city", ColumnType.TEXT)
            .key("id"));
    db.insert("users", Map.of("id", 1, "name", "Alice", "city", "Paris"));
    db.insert("users", Map.of("id", 2, "name", "Bob", "city", "Tokyo"));
    db.insert("users", Map.of("id", 3, "name", "Carol", "city", "Paris"));
    print("SELECT * FROM users;", db.select("users").list());
    print(
        "SELECT * FROM users WHERE city='Paris';",
        db.select("users").where(Where.eq("city", "Paris")).list());
    db.update("users", Where.eq("id", 1), Map.of("city", "Tokyo"));
    print("After UPDATE users SET city='Tokyo' WHERE id=1;", db.select("users").list());
    db.delete("users", Where.eq("id", 3));
    print("After DELETE FROM users WHERE id=3;", db.select("users").list());
  }

  private void print(String title, List<Row> rows) {
    out.append(title).append('\n');
    rows.forEach(
        row -> out.append(
            new TreeMap<>(row.values())
                .entrySet().stream()
                .map(each -> each.getKey() + ":" + each.getValue())
                .collect(Collectors.joining(" ", "map[", "]\n"))));
  }
}

package io.divan.storage.sqlite.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Seeds;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.lease.Leases;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConfig;

/** Random programs have the same results on pages of a store as on an ordinary file. */
class SqlOracleTest {
  private static final int STATEMENTS = 400;

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orModel();

  @TempDir Path directory;

  /** Generates statements, and tracks open savepoints. */
  private static final class Programs {
    private final SplittableRandom random;
    private boolean transaction;
    private int savepoints;

    Programs(SplittableRandom random) {
      this.random = random;
    }

    private int key() {
      return random.nextInt(400);
    }

    private String value() {
      return switch (random.nextInt(5)) {
        case 0 -> "NULL";
        case 1 -> Long.toString(random.nextLong());
        case 2 -> "'text " + random.nextInt(1_000) + "'";
        case 3 -> "zeroblob(" + random.nextInt(9_000) + ")";
        default ->
            "printf('%0" + (1 + random.nextInt(random.nextInt(10) == 0 ? 20_000 : 300)) + "d', "
                + random.nextInt() + ")";
      };
    }

    String next() {
      String table = random.nextBoolean() ? "a" : "b";
      return switch (random.nextInt(20)) {
        case 0, 1, 2, 3, 4 ->
            "INSERT OR REPLACE INTO " + table + " VALUES (" + key() + ", " + value() + ", "
                + value() + ")";
        case 5 ->
            "WITH RECURSIVE c(i) AS (SELECT " + key() + " UNION ALL SELECT i + 1 FROM c WHERE i < "
                + key() + ") INSERT OR IGNORE INTO " + table + " SELECT i, i * 7, " + value()
                + " FROM c";
        case 6, 7 ->
            "UPDATE " + table + " SET v = " + value() + " WHERE k BETWEEN " + key() + " AND "
                + key();
        case 8 -> "DELETE FROM " + table + " WHERE k % " + (2 + random.nextInt(9)) + " = 1";
        case 9, 10, 11 ->
            "SELECT k, v, length(w) FROM " + table + " WHERE v > " + value() + " ORDER BY v, k";
        case 12 ->
            "SELECT a.k, count(*), max(b.w) FROM a JOIN b USING (k) GROUP BY a.k % 10"
                + " ORDER BY a.k % 10";
        case 13, 14 -> begin();
        case 15 -> end();
        case 16 -> savepoint();
        case 17 -> random.nextInt(4) == 0 && !transaction ? "VACUUM" : "SELECT changes()";
        case 18 ->
            random.nextBoolean()
                ? "CREATE INDEX IF NOT EXISTS i" + random.nextInt(3) + " ON " + table + " (v)"
                : "DROP INDEX IF EXISTS i" + random.nextInt(3);
        default ->
            random.nextBoolean()
                ? "INSERT INTO f VALUES ('word" + random.nextInt(50) + " and " + key() + "')"
                : "SELECT count(*) FROM f WHERE f MATCH 'word" + random.nextInt(50) + "'";
      };
    }

    private String begin() {
      if (transaction) {
        return "SELECT count(*), sum(length(w)) FROM a";
      }
      transaction = true;
      return random.nextBoolean() ? "BEGIN" : "BEGIN IMMEDIATE";
    }

    private String end() {
      if (!transaction) {
        return "SELECT count(*), sum(length(w)) FROM b";
      }
      transaction = false;
      savepoints = 0;
      return random.nextInt(3) == 0 ? "ROLLBACK" : "COMMIT";
    }

    private String savepoint() {
      if (!transaction) {
        return "PRAGMA integrity_check";
      }
      if (savepoints > 0 && random.nextBoolean()) {
        int to = random.nextInt(savepoints);
        boolean release = random.nextBoolean();
        savepoints = release ? to : to + 1;
        return (release ? "RELEASE s" : "ROLLBACK TO s") + to;
      }
      return "SAVEPOINT s" + savepoints++;
    }
  }

  /** The result of a statement as text: rows, a count, or an error. */
  private static String result(Connection connection, String sql) {
    try (Statement statement = connection.createStatement()) {
      if (!statement.execute(sql)) {
        return "done";
      }
      List<String> rows = new ArrayList<>();
      try (ResultSet result = statement.getResultSet()) {
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
          StringBuilder row = new StringBuilder();
          for (int i = 1; i <= columns; i++) {
            row.append(result.getString(i)).append('|');
          }
          rows.add(row.toString());
        }
      }
      return rows.toString();
    } catch (SQLException e) {
      return e.getMessage();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void randomPrograms_haveTheResultsOfAFile(int number) throws SQLException {
    long seed = Seeds.seed(7) * 1_000 + number;
    SplittableRandom random = new SplittableRandom(seed);
    PageOptions options =
        PageOptions.defaults()
            .leases(Leases.Options.exclusive("test"), Duration.ofSeconds(1))
            .memory(number % 2 == 0 ? 200_000 : 10_000_000, number < 3 ? 50_000 : 10_000_000)
            .transactionBytes(number == 1 ? 100_000 : 8_000_000)
            .compressed(number == 2)
            .keepOldPages(Duration.ofSeconds(number == 3 ? 0 : 60));
    SQLiteConfig config = new SQLiteConfig();
    config.setCacheSize(20); // pages, so that SQLite writes some before the commit
    String file = "jdbc:sqlite:" + directory.resolve("oracle.sqlite");
    try (CheckedAdapter adapter = new CheckedAdapter(CLUSTER.adapter())) {
      Store base = adapter.create("base", transaction -> {});
      try (SqlitePages pages = SqlitePages.open(base, options);
          Connection mine = pages.connect("a", config);
          Connection oracle = config.createConnection(file)) {
        Programs programs = new Programs(random);
        String shorter = "PRAGMA auto_vacuum = " + (number % 2 == 0 ? "FULL" : "NONE");
        assertThat(result(mine, shorter)).isEqualTo(result(oracle, shorter));
        for (String table : List.of("a", "b")) {
          String create = "CREATE TABLE " + table + " (k INTEGER PRIMARY KEY, v, w)";
          assertThat(result(mine, create)).isEqualTo(result(oracle, create));
        }
        String words = "CREATE VIRTUAL TABLE f USING fts5(t)";
        assertThat(result(mine, words)).isEqualTo(result(oracle, words));
        for (int i = 0; i < STATEMENTS; i++) {
          String sql = programs.next();
          assertThat(result(mine, sql))
              .as("statement %d, replay with -Ddivan.seed=%d: %s", i, Seeds.seed(7), sql)
              .isEqualTo(result(oracle, sql));
        }
        result(mine, "COMMIT");
      }
      try (SqlitePages pages = SqlitePages.open(base, options);
          Connection mine = pages.connect("a")) {
        assertThat(result(mine, "PRAGMA integrity_check")).isEqualTo("[ok|]");
      }
    }
  }
}

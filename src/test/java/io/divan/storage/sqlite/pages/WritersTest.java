package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.Sql.run;
import static io.divan.storage.sqlite.pages.Sql.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.Seeds;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.lease.Leases;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConfig;

/** Writers of several processes over one base, and crashed writers. */
class WritersTest {
  private static final Duration LEASE = Duration.ofHours(1); // no renewal during the test

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orModel();

  private final CheckedAdapter adapter = new CheckedAdapter(CLUSTER.adapter());
  private final Store base = adapter.create("base", transaction -> {});
  private final AtomicLong now = new AtomicLong();
  private final PageOptions shared =
      PageOptions.defaults()
          .leases(
              Leases.Options.shared("host").duration(LEASE).nanoTime(now::get),
              Duration.ofDays(1));

  @AfterEach
  void databaseIsWhole() throws SQLException {
    try (SqlitePages pages = SqlitePages.open(base, shared);
        Connection connection = connect(pages)) {
      assertThat(text(connection, "PRAGMA integrity_check")).isEqualTo("ok");
    }
    adapter.close();
  }

  private static Connection connect(SqlitePages pages) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(0);
    return pages.connect("a", config);
  }

  @Test
  void anotherProcess_ownerIsAlive_isBusyButReads() throws SQLException {
    SqlitePages one = SqlitePages.open(base, shared);
    try (SqlitePages two = SqlitePages.open(base, shared);
        Connection other = connect(two)) {
      try (Connection owner = connect(one)) {
        run(owner, "CREATE TABLE t (k)", "INSERT INTO t VALUES (1)");
        assertThat(text(other, "SELECT sum(k) FROM t")).isEqualTo("1");
        assertThatThrownBy(() -> run(other, "INSERT INTO t VALUES (2)"))
            .hasMessageContaining("SQLITE_BUSY");
      }
      one.close(); // releases the lease
      run(other, "INSERT INTO t VALUES (2)");
      assertThat(text(other, "SELECT sum(k) FROM t")).isEqualTo("3");
    }
  }

  @Test
  void ownerIsSilent_isReplaced_andCannotWriteAfterwards() throws SQLException {
    try (SqlitePages one = SqlitePages.open(base, shared);
        SqlitePages two = SqlitePages.open(base, shared);
        Connection owner = connect(one);
        Connection other = connect(two)) {
      run(owner, "CREATE TABLE t (k)", "INSERT INTO t VALUES (1)", "BEGIN IMMEDIATE");
      run(owner, "INSERT INTO t VALUES (10)");
      assertThatThrownBy(() -> run(other, "INSERT INTO t VALUES (2)"))
          .hasMessageContaining("SQLITE_BUSY");
      now.addAndGet(LEASE.plusSeconds(1).toNanos());
      run(other, "INSERT INTO t VALUES (2)");
      assertThatThrownBy(() -> run(owner, "COMMIT"))
          .hasCauseInstanceOf(StorageException.StoreUnavailable.class)
          .hasMessageContaining("lease");
      assertThat(owner.isValid(1)).isFalse();
      assertThat(text(other, "SELECT group_concat(k) FROM t")).isEqualTo("1,2");
      try (Connection again = connect(one)) {
        assertThat(text(again, "SELECT group_concat(k) FROM t")).isEqualTo("1,2");
        assertThatThrownBy(() -> run(again, "INSERT INTO t VALUES (3)"))
            .hasMessageContaining("SQLITE_BUSY");
      }
    }
  }

  @Test
  void ownerIsPaused_betweenSteps_neverSwitches() throws SQLException {
    PageOptions steps = shared.memory(1_000_000, 50_000).transactionBytes(100_000);
    try (SqlitePages one = SqlitePages.open(base, steps);
        SqlitePages two = SqlitePages.open(base, steps);
        Connection owner = connect(one);
        Connection other = connect(two)) {
      run(owner, "PRAGMA cache_size = 10", "CREATE TABLE t (k INTEGER PRIMARY KEY, v)");
      run(owner, "BEGIN IMMEDIATE");
      for (int i = 0; i < 200; i++) {
        run(owner, "INSERT INTO t VALUES (" + i + ", zeroblob(3000))"); // staged, some of them
      }
      assertThatThrownBy(() -> run(other, "INSERT INTO t VALUES (1, 'other')"))
          .hasMessageContaining("SQLITE_BUSY");
      now.addAndGet(LEASE.plusSeconds(1).toNanos());
      run(other, "INSERT INTO t VALUES (1, 'other')");
      assertThatThrownBy(() -> run(owner, "COMMIT")).isInstanceOf(SQLException.class);
      assertThat(text(other, "SELECT group_concat(v) FROM t")).isEqualTo("other");
      assertThat(text(other, "PRAGMA integrity_check")).isEqualTo("ok");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100_000, 8_000_000})
  void crash_atAnyBaseTransaction_leavesEachTransactionWholeOrNot(int transactionBytes)
      throws SQLException {
    long seed = Seeds.seed(11);
    PageOptions options =
        PageOptions.defaults()
            .memory(2_000_000, transactionBytes)
            .transactionBytes(transactionBytes)
            .leases(Leases.Options.exclusive("test"), Duration.ofDays(1));
    try (SqlitePages pages = SqlitePages.open(base, options);
        Connection connection = connect(pages)) {
      run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, n, v)", "CREATE INDEX i ON t (v)");
    }
    int acknowledged = 0;
    for (int crashAt = 0; crashAt < 40; crashAt += 1 + crashAt / 8) {
      SplittableRandom random = new SplittableRandom(seed + crashAt);
      DialStore dial = new DialStore(base);
      dial.writesLeft = crashAt;
      try (SqlitePages pages = SqlitePages.open(dial, options);
          Connection connection = connect(pages)) {
        run(connection, "PRAGMA cache_size = 10");
        while (true) {
          int rows = 1 + random.nextInt(60);
          run(connection, "BEGIN IMMEDIATE", "DELETE FROM t WHERE k % 3 = " + random.nextInt(3));
          for (int i = 0; i < rows; i++) {
            run(
                connection,
                "INSERT OR REPLACE INTO t VALUES (" + random.nextInt(500) + ", 0, randomblob("
                    + random.nextInt(5_000) + "))");
          }
          run(connection, "UPDATE t SET n = " + (acknowledged + 1));
          run(connection, "COMMIT");
          acknowledged++;
        }
      } catch (SQLException | StorageException e) {
        assertThat(e.getMessage()).contains("crashed");
      }
      try (SqlitePages pages = SqlitePages.open(base, options);
          Connection connection = connect(pages)) {
        String replay = Seeds.replay(seed) + ", crash at " + crashAt;
        assertThat(text(connection, "PRAGMA integrity_check")).as(replay).isEqualTo("ok");
        assertThat(text(connection, "SELECT ifnull(min(n), " + acknowledged + ") FROM t"))
            .as(replay)
            .isEqualTo(Integer.toString(acknowledged));
        assertThat(text(connection, "SELECT ifnull(max(n), " + acknowledged + ") FROM t"))
            .as(replay)
            .isEqualTo(Integer.toString(acknowledged));
      }
    }
    assertThat(acknowledged).isGreaterThan(5);
  }
}

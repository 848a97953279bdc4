package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.Sql.run;
import static io.divan.storage.sqlite.pages.Sql.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.NameRange;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.lease.Leases;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SQLite on pages of a store, used through JDBC. */
class SqlitePagesTest {
  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orModel();

  private final CheckedAdapter adapter = new CheckedAdapter(CLUSTER.adapter());
  private final Store base = adapter.create("base", transaction -> {});
  private final DialStore dial = new DialStore(base);
  private final PageOptions options =
      PageOptions.defaults()
          .leases(Leases.Options.exclusive("test"), Duration.ofSeconds(1));
  private SqlitePages pages;

  @BeforeEach
  void open() {
    pages = SqlitePages.open(dial, options);
  }

  @AfterEach
  void everyDatabaseIsWhole() throws SQLException {
    dial.onRead = null;
    dial.writesLeft = Long.MAX_VALUE;
    for (String name : pages.list(NameRange.all())) {
      try (Connection connection = pages.connect(name)) {
        assertThat(text(connection, "PRAGMA integrity_check")).isEqualTo("ok");
      }
    }
    pages.close();
    adapter.close();
  }

  private static long number(Connection connection, String sql) throws SQLException {
    return Long.parseLong(text(connection, sql));
  }

  /** Inserts rows of one kilobyte. */
  private static void fill(Connection connection, int from, int to) throws SQLException {
    run(
        connection,
        "WITH RECURSIVE c(i) AS (SELECT " + from + " UNION ALL SELECT i + 1 FROM c WHERE i + 1 < "
            + to + ") INSERT INTO t SELECT i, randomblob(1000) FROM c");
  }

  @Test
  void transaction_isOneTransactionOfTheBase() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)");
      run(connection, "CREATE INDEX tv ON t (v)");
      long writes = dial.writes.get();
      for (int i = 0; i < 100; i++) {
        run(connection, "INSERT INTO t VALUES (" + i + ", randomblob(100))");
      }
      assertThat(dial.writes.get()).isEqualTo(writes + 100);

      connection.setAutoCommit(false);
      fill(connection, 1_000, 2_000);
      run(connection, "DELETE FROM t WHERE k % 2 = 0", "UPDATE t SET v = randomblob(50)");
      connection.commit();
      assertThat(dial.writes.get()).isEqualTo(writes + 101);

      fill(connection, 2_000, 6_000); // more than SQLite's cache holds
      connection.rollback();
      assertThat(number(connection, "SELECT count(*) FROM t WHERE k >= 2000")).isZero();
      connection.commit();
      assertThat(dial.writes.get()).isEqualTo(writes + 101);
    }
  }

  @Test
  void read_warm_readsOnlyTheHeader() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)");
      fill(connection, 0, 2_000);
    }
    try (Connection connection = pages.connect("a")) {
      assertThat(number(connection, "SELECT sum(length(v)) FROM t")).isEqualTo(2_000_000);
      long reads = dial.reads.get();
      long lookups = dial.lookups.get();
      for (int i = 0; i < 100; i++) {
        assertThat(number(connection, "SELECT k FROM t WHERE k = " + i)).isEqualTo(i);
      }
      assertThat(dial.reads.get()).isEqualTo(reads + 100);
      assertThat(dial.lookups.get()).isEqualTo(lookups + 100);
    }
  }

  @Test
  void firstPage_sameVersion_isReadFromTheCache() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)");
      fill(connection, 0, 100);
    }
    assertThat(lookupsOf100Reads(options.memory(0, 1_000_000))).isBetween(200L, 205L);
    assertThat(lookupsOf100Reads(options)).isEqualTo(100); // only the header
  }

  private long lookupsOf100Reads(PageOptions with) throws SQLException {
    try (SqlitePages other = SqlitePages.open(dial, with);
        Connection connection = other.connect("a")) {
      text(connection, "SELECT k FROM t WHERE k = 1"); // SQLite itself keeps what it has read
      long lookups = dial.lookups.get();
      for (int i = 0; i < 100; i++) {
        text(connection, "SELECT k FROM t WHERE k = 1");
      }
      return dial.lookups.get() - lookups;
    }
  }

  @Test
  void coldScan_readsAhead() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)");
      fill(connection, 0, 4_000);
    }
    try (SqlitePages cold = SqlitePages.open(dial, options);
        Connection connection = cold.connect("a")) {
      long lookups = dial.lookups.get();
      assertThat(number(connection, "SELECT sum(length(v)) FROM t")).isEqualTo(4_000_000);
      assertThat(dial.lookups.get() - lookups).isLessThan(150); // for some 1,340 pages
    }
  }

  @Test
  void commit_largerThanABaseTransaction_usesSteps() throws SQLException {
    try (Connection connection = pages.connect("a");
        Connection reader = pages.connect("a")) {
      run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)");
      fill(connection, 0, 10);
      reader.setAutoCommit(false);
      assertThat(number(reader, "SELECT count(*) FROM t")).isEqualTo(10);
      long writes = dial.writes.get();
      fill(connection, 10, 20_000);
      assertThat(dial.writes.get() - writes).isBetween(3L, 6L);
      assertThat(number(reader, "SELECT count(*) FROM t")).isEqualTo(10);
      reader.commit();
      assertThat(number(reader, "SELECT count(*) FROM t")).isEqualTo(20_000);
      reader.commit();
      run(connection, "DELETE FROM t", "VACUUM");
    }
  }

  @Test
  void commit_fails_connectionIsUnusable() throws SQLException {
    try (Connection connection = pages.connect("a");
        Connection other = pages.connect("a")) {
      run(connection, "CREATE TABLE t (k)", "INSERT INTO t VALUES (1)");
      dial.beforeWrite = new StorageException.StoreUnavailable("The base is unavailable");
      assertThatThrownBy(() -> run(connection, "INSERT INTO t VALUES (2)"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("The base is unavailable")
          .hasCauseInstanceOf(StorageException.StoreUnavailable.class);
      assertThat(connection.isValid(1)).isFalse();
      assertThatThrownBy(() -> text(connection, "SELECT count(*) FROM t"))
          .hasMessageContaining("open a new one");
      assertThat(number(other, "SELECT count(*) FROM t")).isEqualTo(1);
      run(other, "INSERT INTO t VALUES (3)");
    }
  }

  @Test
  void commit_noSpace_isRolledBackAndTheConnectionIsUsable() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(connection, "CREATE TABLE t (k)", "INSERT INTO t VALUES (1)");
      dial.beforeWrite =
          new StorageException.StoreFull("No space", new IllegalStateException());
      assertThatThrownBy(() -> run(connection, "INSERT INTO t VALUES (2)"))
          .hasMessageContaining("SQLITE_FULL");
      run(connection, "INSERT INTO t VALUES (3)");
      assertThat(number(connection, "SELECT sum(k) FROM t")).isEqualTo(4);
    }
  }

  @Test
  void page_missing_isCorrupt() throws SQLException {
    try (Connection connection = pages.connect("places")) {
      run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)");
      fill(connection, 0, 100);
    }
    base.write(
        transaction -> {
          transaction.deleteRange(StoreLayout.pages(1, 9, 1));
          return 0;
        });
    try (SqlitePages other = SqlitePages.open(dial, options);
        Connection connection = other.connect("places")) {
      assertThatThrownBy(() -> text(connection, "SELECT sum(length(v)) FROM t"))
          .hasMessageContaining("SQLITE_CORRUPT")
          .hasMessageContaining("places")
          .hasMessageContaining("page 9 is missing")
          .hasCauseInstanceOf(StorageException.StoreCorrupt.class);
    }
    pages.delete("places");
  }

  @Test
  void pages_neverWritten_areHolesThatReadAsZeros() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(
          connection,
          "PRAGMA page_size = 65536",
          "PRAGMA cache_size = 1000",
          "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)");
      connection.setAutoCommit(false);
      fill(connection, 0, 2_000);
      run(connection, "DELETE FROM t WHERE k < 1990"); // freed before they were written
      connection.commit();
      connection.setAutoCommit(true);
      long holes =
          base.read(
              transaction -> transaction.scan(Range.all(StoreLayout.PAGES)).rows().stream()
                  .filter(row -> row.value().length == 1)
                  .count());
      assertThat(holes).isGreaterThan(100);
      fill(connection, 0, 1_000); // uses the holes
      assertThat(number(connection, "SELECT sum(length(v)) FROM t")).isEqualTo(1_010_000);
      run(connection, "VACUUM");
    }
    try (Connection connection = pages.connect("a")) {
      assertThat(number(connection, "SELECT sum(length(v)) FROM t")).isEqualTo(1_010_000);
    }
  }

  @Test
  void read_baseUnavailable_failsWithItsMessage() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(connection, "CREATE TABLE t (k)", "INSERT INTO t VALUES (1)");
      dial.onRead = new StorageException.StoreUnavailable("The base is unavailable");
      assertThatThrownBy(() -> text(connection, "SELECT count(*) FROM t"))
          .hasMessageContaining("The base is unavailable");
      assertThatThrownBy(() -> pages.connect("a"))
          .hasMessageContaining("The base is unavailable");
      dial.onRead = null;
      assertThat(number(connection, "SELECT count(*) FROM t")).isEqualTo(1);
    }
  }

  @Test
  void attached_commit_isOneTransactionOfTheBase() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(
          connection,
          "CREATE TABLE t (k)",
          "ATTACH DATABASE 'b' AS b",
          "CREATE TABLE b.u (k)");
      long writes = dial.writes.get();
      connection.setAutoCommit(false);
      run(connection, "INSERT INTO t VALUES (1)", "INSERT INTO b.u VALUES (1)");
      connection.commit();
      assertThat(dial.writes.get()).isEqualTo(writes + 1);
      run(connection, "INSERT INTO t VALUES (2)", "INSERT INTO b.u VALUES (2)");
      dial.beforeWrite = new StorageException.StoreUnavailable("The base is unavailable");
      assertThatThrownBy(connection::commit).hasMessageContaining("The base is unavailable");
      assertThat(connection.isValid(1)).isFalse();
    }
    try (Connection a = pages.connect("a");
        Connection b = pages.connect("b")) {
      assertThat(number(a, "SELECT sum(k) FROM t")).isEqualTo(1);
      assertThat(number(b, "SELECT sum(k) FROM u")).isEqualTo(1);
    }
  }

  @Test
  void readThenWrite_anotherHasCommitted_isBusySnapshot() throws SQLException {
    try (Connection one = pages.connect("a");
        Connection two = pages.connect("a")) {
      run(one, "CREATE TABLE t (k)");
      one.setAutoCommit(false);
      assertThat(number(one, "SELECT count(*) FROM t")).isZero();
      run(two, "INSERT INTO t VALUES (1)");
      assertThat(number(one, "SELECT count(*) FROM t")).isZero();
      assertThatThrownBy(() -> run(one, "INSERT INTO t VALUES (2)"))
          .hasMessageContaining("SQLITE_BUSY");
      one.rollback();
      run(one, "INSERT INTO t VALUES (2)");
      one.commit();
      assertThat(number(two, "SELECT count(*) FROM t")).isEqualTo(2);
    }
  }

  @Test
  void sql_ofApplications_works() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(
          connection,
          "PRAGMA foreign_keys = ON",
          "CREATE TABLE p (id INTEGER PRIMARY KEY)",
          "CREATE TABLE c (p REFERENCES p ON DELETE CASCADE, v TEXT)",
          "CREATE TABLE log (t TEXT)",
          "CREATE TRIGGER tr AFTER DELETE ON c BEGIN INSERT INTO log VALUES (old.v); END",
          "INSERT INTO p VALUES (1), (2)",
          "INSERT INTO c VALUES (1, 'one'), (2, 'two')",
          "DELETE FROM p WHERE id = 2");
      assertThat(text(connection, "SELECT group_concat(t) FROM log")).isEqualTo("two");
      assertThatThrownBy(() -> run(connection, "INSERT INTO c VALUES (9, 'x')"))
          .hasMessageContaining("FOREIGN KEY");
      run(
          connection,
          "CREATE VIRTUAL TABLE f USING fts5(body)",
          "INSERT INTO f VALUES ('a lazy dog'), ('a quick fox')");
      assertThat(text(connection, "SELECT body FROM f WHERE f MATCH 'fox'"))
          .isEqualTo("a quick fox");
      assertThat(text(connection, "SELECT json_extract('{\"a\":[1,2]}', '$.a[1]')"))
          .isEqualTo("2");
      connection.setAutoCommit(false);
      run(connection, "INSERT INTO log VALUES ('kept')");
      Savepoint savepoint = connection.setSavepoint();
      run(connection, "INSERT INTO log VALUES ('undone')");
      connection.rollback(savepoint);
      connection.commit();
      assertThat(text(connection, "SELECT group_concat(t) FROM log")).isEqualTo("two,kept");
    }
  }

  @Test
  void vacuum_removesPages() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)");
      fill(connection, 0, 2_000);
      run(connection, "DELETE FROM t WHERE k > 10");
      long before = number(connection, "PRAGMA page_count");
      run(connection, "VACUUM");
      assertThat(number(connection, "PRAGMA page_count")).isLessThan(before / 20);
      assertThat(number(connection, "SELECT count(*) FROM t")).isEqualTo(11);
    }
  }

  /** SQLite truncates a file after the sync that commits if other files commit with it. */
  @Test
  void attached_fileTruncated_commitsTogether() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(
          connection,
          "PRAGMA auto_vacuum = FULL",
          "CREATE TABLE t (k INTEGER PRIMARY KEY, v)",
          "ATTACH DATABASE 'b' AS b",
          "CREATE TABLE b.u (k)");
      fill(connection, 0, 200);
      long before = number(connection, "PRAGMA page_count");
      connection.setAutoCommit(false);
      run(connection, "DELETE FROM t WHERE k > 10", "INSERT INTO b.u VALUES (1)");
      connection.commit();
      assertThat(number(connection, "PRAGMA page_count")).isLessThan(before / 5);
    }
    try (Connection a = pages.connect("a");
        Connection b = pages.connect("b")) {
      assertThat(number(b, "SELECT sum(k) FROM u")).isEqualTo(1);
      assertThat(number(a, "SELECT count(*) FROM t")).isEqualTo(11);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void vacuum_afterCommitsOfManySteps_leavesTheRowsOfNoOtherPages(int keepSeconds)
      throws SQLException {
    AtomicLong now = new AtomicLong();
    PageOptions steps =
        options
            .transactionBytes(200_000)
            .keepOldPages(Duration.ofSeconds(keepSeconds))
            .leases(Leases.Options.exclusive("test").nanoTime(now::get), Duration.ofDays(1));
    try (SqlitePages other = SqlitePages.open(base, steps);
        Connection connection = other.connect("a")) {
      run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)");
      fill(connection, 0, 3_000);
      run(connection, "UPDATE t SET v = randomblob(1001)", "DELETE FROM t WHERE k > 10", "VACUUM");
      for (int i = 0; i < 10; i++) {
        now.addAndGet(Duration.ofSeconds(2).toNanos());
        run(connection, "UPDATE t SET v = randomblob(10) WHERE k = " + i);
      }
      int pageRows = base.read(t -> t.scan(Range.all(StoreLayout.PAGES)).rows().size());
      assertThat(pageRows).isLessThan(30);
    }
  }

  @Test
  void databases_createListDelete() throws SQLException {
    pages.create("b");
    assertThatThrownBy(() -> pages.create("b"))
        .isInstanceOf(StorageException.DatabaseExists.class);
    try (Connection connection = pages.dataSource("a").getConnection()) {
      run(connection, "CREATE TABLE t (k)");
      assertThat(pages.list(NameRange.all())).containsExactly("a", "b");
      pages.delete("a");
      assertThatThrownBy(() -> text(connection, "SELECT count(*) FROM t"))
          .hasCauseInstanceOf(StorageException.DatabaseNotFound.class);
    }
    assertThat(pages.list(NameRange.all())).containsExactly("b");
    assertThat(base.<Boolean>read(t -> t.scan(Range.all(StoreLayout.PAGES)).rows().isEmpty()))
        .isTrue();
    assertThatThrownBy(() -> pages.delete("a"))
        .isInstanceOf(StorageException.DatabaseNotFound.class);
    assertThatThrownBy(() -> pages.create("no/slashes"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anotherInstance_seesCommits() throws SQLException {
    try (SqlitePages other = SqlitePages.open(base, options);
        Connection writer = pages.connect("a");
        Connection reader = other.connect("a")) {
      run(writer, "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)");
      fill(writer, 0, 1_000);
      for (int i = 0; i < 20; i++) {
        run(writer, "UPDATE t SET v = " + i + " WHERE k % 50 = 0");
        assertThat(number(reader, "SELECT count(*) FROM t WHERE v = " + i)).isEqualTo(20);
      }
    }
  }
}

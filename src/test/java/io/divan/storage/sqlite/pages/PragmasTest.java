package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.Sql.run;
import static io.divan.storage.sqlite.pages.Sql.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.lease.Leases;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConfig;

/**
 * Pragmas that would change how SQLite keeps a file have no effect and return what is in effect.
 */
class PragmasTest {
  private final CheckedAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final Store base = adapter.create("base", transaction -> {});
  private final DialStore dial = new DialStore(base);
  private final SqlitePages pages =
      SqlitePages.open(
          dial,
          PageOptions.defaults()
              .leases(Leases.Options.exclusive("test"), Duration.ofSeconds(1)));

  @TempDir Path directory;

  @AfterEach
  void close() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      assertThat(text(connection, "PRAGMA integrity_check")).isEqualTo("ok");
    }
    pages.close();
    adapter.close();
  }

  /** Commits and rolls back while another connection writes in between. */
  private void checkTransactions(Connection connection) throws SQLException {
    run(connection, "PRAGMA cache_size = 10", "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)");
    long writes = dial.writes.get();
    run(connection, "INSERT INTO t VALUES (1, 'one')");
    assertThat(dial.writes.get()).isEqualTo(writes + 1);
    run(
        connection,
        "BEGIN",
        "INSERT INTO t VALUES (2, 'two')",
        "SAVEPOINT s",
        "WITH RECURSIVE c(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM c WHERE i < 200)"
            + " INSERT INTO t SELECT i, randomblob(1000) FROM c", // more than the cache holds
        "UPDATE t SET v = 'changed'",
        "ROLLBACK TO s",
        "COMMIT");
    assertThat(text(connection, "SELECT group_concat(v) FROM t")).isEqualTo("one,two");
    run(
        connection,
        "BEGIN",
        "WITH RECURSIVE c(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM c WHERE i < 200)"
            + " INSERT INTO t SELECT i, randomblob(1000) FROM c",
        "DELETE FROM t WHERE k = 1",
        "ROLLBACK");
    try (Connection other = pages.connect("a")) {
      assertThat(text(other, "SELECT group_concat(v) FROM t")).isEqualTo("one,two");
      run(other, "INSERT INTO t VALUES (3, 'three')");
    }
    assertThat(text(connection, "SELECT group_concat(v) FROM t")).isEqualTo("one,two,three");
    run(connection, "UPDATE t SET v = 'x' WHERE k = 2");
    assertThat(text(connection, "SELECT group_concat(v) FROM t")).isEqualTo("one,x,three");
    assertThat(text(connection, "PRAGMA integrity_check")).isEqualTo("ok");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "= WAL", "= wal", "(Delete)", "= 'truncate'", "= PERSIST", "= OFF", "= d", "= Memory",
    "= 'mem'", "= nonsense", "= 17"
  })
  void journalMode_returnsMemory_andTransactionsWork(String value) throws SQLException {
    try (Connection connection = pages.connect("a")) {
      assertThat(text(connection, "PRAGMA journal_mode")).isEqualTo("memory");
      assertThat(text(connection, "PRAGMA journal_mode " + value)).isEqualTo("memory");
      assertThat(text(connection, "PRAGMA main.journal_mode " + value)).isEqualTo("memory");
      assertThat(text(connection, "PRAGMA journal_mode")).isEqualTo("memory");
      checkTransactions(connection);
    }
  }

  @Test
  void journalMode_empty_doesNothing() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(connection, "PRAGMA journal_mode = ''"); // to SQLite this means DELETE
      assertThat(text(connection, "PRAGMA journal_mode")).isEqualTo("memory");
      checkTransactions(connection);
    }
  }

  @ParameterizedTest
  @EnumSource(SQLiteConfig.JournalMode.class)
  void journalMode_ofTheConfiguration_isMemory(SQLiteConfig.JournalMode mode)
      throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(mode);
    config.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
    try (Connection connection = pages.connect("a", config)) {
      assertThat(text(connection, "PRAGMA journal_mode")).isEqualTo("memory");
      assertThat(text(connection, "PRAGMA locking_mode")).isEqualTo("normal");
      checkTransactions(connection);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"= EXCLUSIVE", "(exclusive)", "= 'Exclusive'", "= NORMAL", "= other"})
  void lockingMode_returnsNormal_andOthersWriteInBetween(String value) throws SQLException {
    try (Connection connection = pages.connect("a")) {
      assertThat(text(connection, "PRAGMA locking_mode " + value)).isEqualTo("normal");
      assertThat(text(connection, "PRAGMA main.locking_mode " + value)).isEqualTo("normal");
      assertThat(text(connection, "PRAGMA locking_mode")).isEqualTo("normal");
      checkTransactions(connection);
    }
  }

  @Test
  void attached_journalAndLockingMode_areUnchanged() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(connection, "ATTACH 'b' AS b", "CREATE TABLE b.u (k)");
      assertThat(text(connection, "PRAGMA b.journal_mode = WAL")).isEqualTo("memory");
      assertThat(text(connection, "PRAGMA journal_mode = DELETE")).isEqualTo("memory");
      assertThat(text(connection, "PRAGMA b.locking_mode = EXCLUSIVE")).isEqualTo("normal");
      assertThat(text(connection, "PRAGMA locking_mode = EXCLUSIVE")).isEqualTo("normal");
      run(connection, "ATTACH 'c' AS c");
      assertThat(text(connection, "PRAGMA b.journal_mode")).isEqualTo("memory");
      assertThat(text(connection, "PRAGMA c.locking_mode")).isEqualTo("normal");
      run(connection, "BEGIN", "INSERT INTO b.u VALUES (1)", "ROLLBACK");
      assertThat(text(connection, "SELECT count(*) FROM b.u")).isEqualTo("0");
      checkTransactions(connection);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"OFF", "NORMAL", "FULL", "EXTRA"})
  void synchronous_isWhatWasSet_andCommitsAreOfTheBase(String value) throws SQLException {
    try (Connection connection = pages.connect("a")) {
      run(connection, "PRAGMA synchronous = " + value, "PRAGMA mmap_size = 1000000");
      assertThat(text(connection, "PRAGMA synchronous"))
          .isEqualTo(Integer.toString(List.of("OFF", "NORMAL", "FULL", "EXTRA").indexOf(value)));
      assertThat(text(connection, "PRAGMA wal_checkpoint(TRUNCATE)")).isEqualTo("0");
      checkTransactions(connection);
    }
  }

  @Test
  void pragma_longValue_isHandledLikeOthers() throws SQLException {
    try (Connection connection = pages.connect("a")) {
      String value = "'" + "x".repeat(10_000) + "'";
      run(connection, "PRAGMA no_such_pragma = " + value);
      assertThat(text(connection, "PRAGMA journal_mode = " + value)).isEqualTo("memory");
      assertThat(text(connection, "PRAGMA locking_mode = " + value)).isEqualTo("normal");
      assertThat(connection.isValid(1)).isTrue();
    }
  }

  @Test
  void restore_fileWithAWriteAheadLog_isReadableAndWritable() throws SQLException {
    Path file = directory.resolve("wal.sqlite");
    try (Connection wal = DriverManager.getConnection("jdbc:sqlite:" + file);
        Connection connection = pages.connect("a")) {
      run(wal, "PRAGMA journal_mode = WAL", "CREATE TABLE u (k)", "INSERT INTO u VALUES (5)");
      run(connection, "restore from " + file);
      assertThat(text(connection, "SELECT k FROM u")).isEqualTo("5");
      assertThat(text(connection, "PRAGMA journal_mode")).isEqualTo("memory");
      checkTransactions(connection);
    }
  }
}

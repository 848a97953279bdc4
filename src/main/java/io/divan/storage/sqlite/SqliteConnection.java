package io.divan.storage.sqlite;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * A connection to a database file, with its prepared statements. Used by one thread at a time.
 *
 * <ol>
 *   <li>JDBC's own transactions are disabled: auto-commit is turned off, and the transaction that
 *       this begins is ended. From then on only {@link #execute} begins and ends transactions, and
 *       the driver adds no statements of its own.
 *   <li>After a failure every call throws it again. So work that has caught it cannot continue
 *       outside the transaction, which SQLite may have ended. {@link #recover} resets the failure,
 *       once the caller has made sure that the transaction has ended or is intact.
 *   <li>SQLite's errors are translated here and nowhere else.
 * </ol>
 */
final class SqliteConnection implements AutoCloseable {

  /** The purpose of a connection, which determines how it is opened. */
  enum Role {
    /** Creates a file that is not visible yet, and is synced as a whole when it is complete. */
    CREATOR(List.of(
        "PRAGMA synchronous = OFF",
        "PRAGMA page_size = " + PAGE_BYTES,
        "PRAGMA auto_vacuum = INCREMENTAL",
        "PRAGMA journal_mode = WAL")),
    WRITER(List.of("PRAGMA synchronous = FULL", "PRAGMA cache_size = -16000", NO_MMAP)),
    READER(List.of("PRAGMA query_only = ON", "PRAGMA cache_size = -4000", NO_MMAP)),
    CHECKPOINTER(List.of("PRAGMA synchronous = FULL", "PRAGMA cache_size = -100"));

    private final List<String> pragmas;

    Role(List<String> pragmas) {
      this.pragmas = pragmas;
    }
  }

  /** 16 KB: with SQLite's default of 4 KB, values of 1 KB take several times their size. */
  static final int PAGE_BYTES = 16_384;

  /** Disables mapped files: a disk error in a mapped page would end the JVM. */
  private static final String NO_MMAP = "PRAGMA mmap_size = 0";

  private static final int BUSY_MILLIS = 250;

  /** The size of a page in the log, including its header. */
  private static final int FRAME_BYTES = PAGE_BYTES + 24;

  /**
   * The result of a checkpoint.
   *
   * @param busy whether it could not complete
   * @param logBytes the size of the log
   * @param copiedBytes how much of the log has been copied
   */
  record Checkpoint(boolean busy, long logBytes, long copiedBytes) {}

  private final Function<SQLException, RuntimeException> errors;
  private final Function<Table, String> tableNames;
  private final Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private final Map<String, TableStatements> tables = new HashMap<>();
  private int tablesCreated;

  /** Whether commits sync, as far as {@link #syncCommits} decides. */
  private boolean syncsCommits = true;

  private @Nullable RuntimeException failure;

  /** Uses an initialized connection. */
  private SqliteConnection(
      Connection connection,
      Function<SQLException, RuntimeException> errors,
      Function<Table, String> tableNames) {
    this.connection = connection;
    this.errors = errors;
    this.tableNames = tableNames;
  }

  /**
   * Opens a connection.
   *
   * @throws StorageException.StoreUnavailable if the file cannot be opened
   * @throws StorageException.StoreCorrupt if it is not a database
   */
  static SqliteConnection open(Path file, Role role) {
    SQLiteConfig config = new SQLiteConfig();
    config.setGetGeneratedKeys(false);
    config.setBusyTimeout(BUSY_MILLIS);
    config.resetOpenMode(SQLiteOpenMode.FULLMUTEX);
    config.setOpenMode(SQLiteOpenMode.NOMUTEX); // one thread at a time uses a connection
    if (role != Role.CREATOR) {
      config.resetOpenMode(SQLiteOpenMode.CREATE);
    }
    if (role == Role.READER) {
      config.setReadOnly(true);
    }
    try {
      return of(
          config.createConnection("jdbc:sqlite:" + file),
          role.pragmas,
          e -> SqliteErrors.map(e, file),
          Table::name);
    } catch (SQLException e) {
      throw SqliteErrors.map(e, file);
    }
  }

  /**
   * Initializes a connection, and closes it if that fails.
   *
   * @param pragmas run first
   * @param errors translates SQLite's errors
   * @param tableNames the names of tables in the database
   */
  static SqliteConnection of(
      Connection connection,
      List<String> pragmas,
      Function<SQLException, RuntimeException> errors,
      Function<Table, String> tableNames)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String pragma : pragmas) {
        statement.execute(pragma);
      }
      statement.execute("PRAGMA temp_store = MEMORY");
      statement.execute("PRAGMA wal_autocheckpoint = 0");
      connection.setAutoCommit(false);
      statement.execute("COMMIT");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return new SqliteConnection(connection, errors, tableNames);
  }

  /** Runs a statement without parameters or results. */
  void execute(String sql) {
    checkUsable();
    try {
      statement(sql).execute();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /**
   * Makes commits sync, as they do on a new connection, or leave that to a later commit or
   * checkpoint. Called outside transactions: within one, SQLite refuses the change.
   */
  void syncCommits(boolean sync) {
    checkUsable();
    if (sync == syncsCommits) {
      return;
    }
    // SQLite runs this pragma when it compiles it, so a cached statement would have no effect.
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA synchronous = " + (sync ? "FULL" : "NORMAL"));
      syncsCommits = sync;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Releases up to {@code pages} free pages, within a transaction. */
  void vacuum(int pages) {
    checkUsable();
    try (Statement statement = connection.createStatement()) {
      for (int i = 0; i < pages; i++) {
        // One at a time: SQLite returns after each page, and the driver does not continue by
        // itself.
        statement.execute("PRAGMA incremental_vacuum(1)");
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** The number that a query returns, if it returns a row. */
  Optional<Long> number(String sql, String... parameters) {
    checkUsable();
    try {
      PreparedStatement statement = statement(sql);
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(rows.getLong(1)) : Optional.empty();
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** The number that a query returns, compiled again; for tests of pragmas. */
  long uncachedNumber(String sql) {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Runs a statement with a name and a number as parameters. */
  void execute(String sql, String name, long number) {
    checkUsable();
    try {
      PreparedStatement statement = statement(sql);
      statement.setString(1, name);
      statement.setLong(2, number);
      statement.execute();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /**
   * Runs a checkpoint.
   *
   * @param mode NOOP, PASSIVE, FULL, RESTART or TRUNCATE, as SQLite names them
   */
  Checkpoint checkpoint(String mode) {
    checkUsable();
    try (ResultSet row = statement("PRAGMA wal_checkpoint(" + mode + ")").executeQuery()) {
      row.next();
      return new Checkpoint(
          row.getInt(1) != 0, row.getLong(2) * FRAME_BYTES, row.getLong(3) * FRAME_BYTES);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  Optional<byte[]> get(Table table, byte[] key) {
    TableStatements of = tableOrNull(table);
    if (of == null) {
      return Optional.empty();
    }
    try (ResultSet rows = of.get(key).executeQuery()) {
      return rows.next() ? Optional.of(rows.getBytes(1)) : Optional.empty();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /**
   * Scans a range up to its limit.
   *
   * @param bytesMax the maximum total size of the rows
   * @param alwaysFirst whether the first row is returned whatever its size
   */
  Page scan(Range range, long bytesMax, boolean alwaysFirst) {
    TableStatements of = range.isEmpty() ? null : tableOrNull(range.table());
    if (of == null) {
      return Page.end(List.of());
    }
    List<KeyValue> rows = new ArrayList<>(Math.min(range.limit(), 16));
    long bytes = 0;
    try (ResultSet cursor = of.scan(range).executeQuery()) {
      while (cursor.next()) {
        KeyValue row = new KeyValue(cursor.getBytes(1), cursor.getBytes(2));
        bytes += row.bytes();
        if (bytes > bytesMax && !(alwaysFirst && rows.isEmpty())) {
          Range rest = rows.isEmpty() ? range : range.after(rows.getLast().key());
          return Page.stopped(rows, Page.Stop.BYTES, rest);
        }
        rows.add(row);
        if (rows.size() == range.limit()) {
          return Page.stopped(rows, Page.Stop.ROWS, range.after(row.key()));
        }
      }
    } catch (SQLException e) {
      throw failed(e);
    }
    return Page.end(rows);
  }

  /** The size of the keys and values in a range; stops counting beyond {@code max}. */
  long bytes(Range range, long max) {
    TableStatements of = range.isEmpty() ? null : tableOrNull(range.table());
    long bytes = 0;
    if (of != null) {
      try (ResultSet cursor = of.sizes(range).executeQuery()) {
        while (bytes <= max && cursor.next()) {
          bytes += cursor.getLong(1);
        }
      } catch (SQLException e) {
        throw failed(e);
      }
    }
    return bytes;
  }

  void put(Table table, byte[] key, byte[] value) {
    TableStatements of = tableOrNull(table);
    try {
      if (of == null) {
        execute(TableStatements.create(tableNames.apply(table)));
        tablesCreated++;
        of = known(table);
      }
      of.put(key, value).executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  void delete(Table table, byte[] key) {
    TableStatements of = tableOrNull(table);
    if (of != null) {
      try {
        of.delete(key).executeUpdate();
      } catch (SQLException e) {
        throw failed(e);
      }
    }
  }

  void deleteRange(Range range) {
    TableStatements of = range.isEmpty() ? null : tableOrNull(range.table());
    if (of != null) {
      try {
        of.deleteRange(range).executeUpdate();
      } catch (SQLException e) {
        throw failed(e);
      }
    }
  }

  /** The number of tables created on this connection, including by transactions rolled back. */
  int tablesCreated() {
    return tablesCreated;
  }

  Optional<RuntimeException> failure() {
    return Optional.ofNullable(failure);
  }

  /** Throws the failure that made this connection unusable. */
  void checkUsable() {
    if (failure != null) {
      throw failure;
    }
  }

  /** Resets a failure. Failed statements are not used again. */
  void recover() {
    failure = null;
    forgetTables();
    closeAll(statements);
  }

  /** Rolls back, unless SQLite has already ended the transaction because of the failure. */
  void rollbackIfAny() {
    recover();
    try {
      statement("ROLLBACK").execute();
    } catch (SQLException e) {
      recover();
    }
  }

  /** Forgets which tables exist, after a rollback that may have removed one. */
  void forgetTables() {
    try {
      for (TableStatements of : tables.values()) {
        of.close();
      }
    } catch (SQLException e) {
      throw failed(e);
    } finally {
      tables.clear();
    }
  }

  /** Closes the connection. The last one to a file copies the log into the file first. */
  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw errors.apply(e);
    }
  }

  /** A table's statements, or null if the table does not exist for this transaction. */
  private @Nullable TableStatements tableOrNull(Table table) {
    checkUsable();
    String name = tableNames.apply(table);
    TableStatements known = tables.get(name);
    if (known != null) {
      return known;
    }
    boolean exists =
        number("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", name)
            .isPresent();
    return exists ? known(table) : null;
  }

  private TableStatements known(Table table) {
    return tables.computeIfAbsent(
        tableNames.apply(table), name -> new TableStatements(connection, name));
  }

  private PreparedStatement statement(String sql) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    return statement;
  }

  private void closeAll(Map<String, PreparedStatement> closing) {
    try {
      for (PreparedStatement statement : closing.values()) {
        statement.close();
      }
    } catch (SQLException e) {
      throw failed(e);
    } finally {
      closing.clear();
    }
  }

  private RuntimeException failed(SQLException e) {
    failure = errors.apply(e);
    return failure;
  }
}

package io.divan.redb.benchmark;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * SQLite through JDBC: a write-ahead log synced by each commit, pages of 16 KB (with 4 KB, values
 * of 1 KB take several times their size), no memory mapping, default checkpoints. Each connection
 * has its own page cache, so the readers share the configured size.
 */
final class SqliteCandidate implements Candidate {

  @Override
  public String name() {
    return "sqlite";
  }

  @Override
  public Store open(Path directory, long cacheBytes, long unwrittenBytes, int readers)
      throws SQLException {
    SqliteStore store =
        new SqliteStore("jdbc:sqlite:" + directory.resolve("rows.sqlite"), cacheBytes, readers);
    store.prepareFile();
    return store;
  }

  private static final class SqliteStore implements Store {
    private final String url;
    private final long cacheBytes;
    private final int readers;
    private final ReentrantLock turn = new ReentrantLock();
    private @Nullable Connection writer;
    private @Nullable PreparedStatement insert;

    SqliteStore(String url, long cacheBytes, int readers) {
      this.url = url;
      this.cacheBytes = cacheBytes;
      this.readers = readers;
    }

    void prepareFile() throws SQLException {
      try (Connection connection = connect(cacheBytes);
          Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE IF NOT EXISTS rows (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID");
        expect(statement, "journal_mode", "wal");
        expect(statement, "synchronous", "2");
        expect(statement, "page_size", "16384");
      }
    }

    @Override
    public void put(byte[] key, byte[] value) throws SQLException {
      if (insert == null) {
        writer = connect(cacheBytes);
        writer.setAutoCommit(false);
        insert = writer.prepareStatement("INSERT OR REPLACE INTO rows VALUES (?, ?)");
      }
      insert.setBytes(1, key);
      insert.setBytes(2, value);
      insert.executeUpdate();
    }

    @Override
    public void commit() throws SQLException {
      if (writer != null) {
        writer.commit();
      }
    }

    /**
     * Uses one connection, which the threads take in turns: many connections would only wait and
     * retry.
     */
    @Override
    public void putFromMany(byte[] key, byte[] value) throws SQLException {
      turn.lock();
      try {
        put(key, value);
        commit();
      } finally {
        turn.unlock();
      }
    }

    @Override
    public Reader reader() throws SQLException {
      return new SqliteReader(connect(cacheBytes / readers));
    }

    @Override
    public void close() throws SQLException {
      if (writer != null) {
        writer.close();
      }
    }

    private Connection connect(long cache) throws SQLException {
      SQLiteConfig config = new SQLiteConfig();
      config.setGetGeneratedKeys(false);
      config.resetOpenMode(SQLiteOpenMode.FULLMUTEX);
      config.setOpenMode(SQLiteOpenMode.NOMUTEX); // each connection is used by one thread at a time
      Connection connection = config.createConnection(url);
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA page_size = 16384");
        statement.execute("PRAGMA journal_mode = WAL");
        statement.execute("PRAGMA synchronous = FULL");
        statement.execute("PRAGMA cache_size = -" + (cache >> 10));
        statement.execute("PRAGMA mmap_size = 0");
      }
      return connection;
    }

    private static void expect(Statement statement, String pragma, String value)
        throws SQLException {
      try (ResultSet row = statement.executeQuery("PRAGMA " + pragma)) {
        row.next();
        if (!row.getString(1).equals(value)) {
          throw new IllegalStateException("SQLite's " + pragma + " is " + row.getString(1));
        }
      }
    }
  }

  private static final class SqliteReader implements Reader {
    private final Connection connection;
    private final PreparedStatement get;
    private final PreparedStatement scan;

    SqliteReader(Connection connection) throws SQLException {
      this.connection = connection;
      connection.setAutoCommit(false); // all reads see one snapshot and lock the file once
      get = connection.prepareStatement("SELECT v FROM rows WHERE k = ?");
      scan = connection.prepareStatement("SELECT v FROM rows WHERE k >= ? ORDER BY k LIMIT ?");
    }

    @Override
    public void get(byte[] key, Tally tally) throws SQLException {
      get.setBytes(1, key);
      add(get, tally);
    }

    @Override
    public void scan(byte[] from, long rowsMax, Tally tally) throws SQLException {
      scan.setBytes(1, from);
      scan.setLong(2, rowsMax);
      add(scan, tally);
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }

    private static void add(PreparedStatement query, Tally tally) throws SQLException {
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          tally.add(rows.getBytes(1));
        }
      }
    }
  }
}

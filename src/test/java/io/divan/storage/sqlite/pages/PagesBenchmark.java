package io.divan.storage.sqlite.pages;

import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.lease.Leases;
import io.divan.storage.redb.RedbAdapter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.SplittableRandom;
import org.sqlite.SQLiteConfig;

/**
 * Measures inserts, single-row transactions, point selects and scans: on an ordinary file, and on
 * pages over memory, over redb, and over the cluster named by {@code FDB_CLUSTER_FILE}. Run
 * manually; the argument is the number of rows.
 */
public final class PagesBenchmark {
  private static final int VALUE_BYTES = 200;
  private static final int ROWS_A_TRANSACTION = 10_000;
  private static final int SINGLE_ROW_TRANSACTIONS = 500;
  private static final int SELECTS = 50_000;

  private PagesBenchmark() {}

  private interface Connections {
    Connection open() throws SQLException;
  }

  /**
   * Prints one line for each kind of work and of storage.
   *
   * @param arguments the number of rows; 100,000 by default
   */
  public static void main(String[] arguments) throws Exception {
    int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
    for (int round = 1; round <= 2; round++) {
      Path directory = Files.createTempDirectory("pages-benchmark");
      SQLiteConfig file = new SQLiteConfig();
      file.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
      String url = "jdbc:sqlite:" + directory.resolve("delete.sqlite");
      run("file (rollback journal)", rows, () -> file.createConnection(url));
      SQLiteConfig wal = new SQLiteConfig();
      wal.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
      wal.setJournalMode(SQLiteConfig.JournalMode.WAL);
      String walUrl = "jdbc:sqlite:" + directory.resolve("wal.sqlite");
      run("file (write-ahead log)", rows, () -> wal.createConnection(walUrl));
      overMemory(rows);
      overRedb(rows, directory);
      if (TestCluster.isGiven()) {
        overCluster(rows);
      }
    }
  }

  private static void overCluster(int rows) throws SQLException {
    try (StorageAdapter base = new CheckedAdapter(TestCluster.required().adapter())) {
      over("pages over fdb", rows, base, options(Duration.ofMinutes(1)));
      base.delete("base");
    }
  }

  private static PageOptions options(Duration keep) {
    return PageOptions.defaults()
        .leases(Leases.Options.exclusive("benchmark"), Duration.ofSeconds(1))
        .keepOldPages(keep);
  }

  private static void overMemory(int rows) throws SQLException {
    try (StorageAdapter base =
        new CheckedAdapter(
            new FdbAdapter(
                new SimulatedFoundationDb().open(),
                FdbAdapter.Options.defaults(),
                TransactionListener.NONE))) {
      over("pages over memory", rows, base, options(Duration.ofMinutes(1)));
    }
  }

  private static void overRedb(int rows, Path directory) throws SQLException {
    try (StorageAdapter base =
        new CheckedAdapter(
            new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE))) {
      over("pages over redb", rows, base, options(Duration.ZERO));
    }
  }

  private static void over(String name, int rows, StorageAdapter base, PageOptions options)
      throws SQLException {
    DialStore dial = new DialStore(base.create("base", transaction -> {}));
    try (SqlitePages pages = SqlitePages.open(dial, options)) {
      run(name, rows, () -> pages.connect("a"));
    }
    long lookups = dial.lookups.get();
    try (SqlitePages pages = SqlitePages.open(dial, options);
        Connection connection = pages.connect("a")) {
      scan(name + ", cold", connection, rows);
    }
    System.out.printf("%-26s cold scan: %d lookups%n", name, dial.lookups.get() - lookups);
  }

  private static void run(String name, int rows, Connections connections) throws SQLException {
    try (Connection connection = connections.open();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT, v BLOB)");
      statement.execute("CREATE INDEX tk ON t (k)");
      connection.setAutoCommit(false);
      insert(name, connection, rows);
      connection.setAutoCommit(true);
      update(name, connection, rows);
      for (int i = 0; i < 2; i++) { // the second is warm
        scan(name, connection, rows);
        connection.setAutoCommit(false);
        select(name + ", one transaction", connection, rows);
        connection.commit();
        connection.setAutoCommit(true);
        select(name + ", each alone", connection, rows);
      }
    }
  }

  /** The start of a measurement, in real time and CPU time. */
  private record Begun(long nanos, long cpuNanos) {
    static Begun now() {
      return new Begun(System.nanoTime(), cpu());
    }

    private static long cpu() {
      return ((com.sun.management.OperatingSystemMXBean) ManagementFactory
          .getOperatingSystemMXBean())
          .getProcessCpuTime();
    }

    void print(String name, String what, long count) {
      double seconds = (System.nanoTime() - nanos) / 1e9;
      double cpuMicros = (cpu() - cpuNanos) / 1e3;
      System.out.printf(
          "%-42s %-24s %,12.0f/s %10.2f us of CPU each%n",
          name, what, count / seconds, cpuMicros / count);
    }
  }

  private static void insert(String name, Connection connection, int rows)
      throws SQLException {
    Begun begun = Begun.now();
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO t VALUES (?, ?, ?)")) {
      byte[] value = new byte[VALUE_BYTES];
      for (int i = 0; i < rows; i++) {
        insert.setInt(1, i);
        insert.setString(2, "key" + i);
        insert.setBytes(3, value);
        insert.executeUpdate();
        if ((i + 1) % ROWS_A_TRANSACTION == 0) {
          connection.commit();
        }
      }
      connection.commit();
    }
    begun.print(name, "inserts", rows);
  }

  private static void update(String name, Connection connection, int rows)
      throws SQLException {
    SplittableRandom random = new SplittableRandom(1);
    Begun begun = Begun.now();
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE t SET v = ? WHERE id = ?")) {
      for (int i = 0; i < SINGLE_ROW_TRANSACTIONS; i++) {
        byte[] value = new byte[VALUE_BYTES];
        random.nextBytes(value);
        update.setBytes(1, value);
        update.setInt(2, random.nextInt(rows));
        update.executeUpdate();
      }
    }
    begun.print(name, "single-row transactions", SINGLE_ROW_TRANSACTIONS);
  }

  private static void select(String name, Connection connection, int rows)
      throws SQLException {
    SplittableRandom random = new SplittableRandom(2);
    Begun begun = Begun.now();
    try (PreparedStatement select =
        connection.prepareStatement("SELECT v FROM t WHERE k = ?")) {
      for (int i = 0; i < SELECTS; i++) {
        select.setString(1, "key" + random.nextInt(rows));
        try (ResultSet found = select.executeQuery()) {
          if (!found.next()) {
            throw new IllegalStateException("A row is missing");
          }
        }
      }
    }
    begun.print(name, "point selects", SELECTS);
  }

  private static void scan(String name, Connection connection, int rows) throws SQLException {
    Begun begun = Begun.now();
    try (Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery("SELECT count(*), sum(length(v)) FROM t NOT INDEXED")) {
      if (!found.next() || found.getInt(1) != rows) {
        throw new IllegalStateException("Rows are missing");
      }
    }
    begun.print(name, "rows scanned", rows);
  }
}

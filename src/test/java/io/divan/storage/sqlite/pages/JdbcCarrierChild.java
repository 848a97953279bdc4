package io.divan.storage.sqlite.pages;

import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.lease.Leases;
import io.divan.storage.redb.RedbAdapter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;

/** The process of {@link JdbcCarrierTest}: virtual threads transfer money between accounts. */
public final class JdbcCarrierChild {
  private static final int ACCOUNTS = 20;
  private static final int WRITERS = 6;
  private static final int READERS = 6;
  private static final int TIMES = 20;

  private JdbcCarrierChild() {}

  /**
   * Runs until all transfers are done, or throws.
   *
   * @param arguments the directory
   */
  public static void main(String[] arguments) throws Exception {
    PageOptions options =
        PageOptions.defaults()
            .leases(Leases.Options.exclusive("test"), Duration.ofSeconds(1))
            .keepOldPages(Duration.ZERO);
    try (StorageAdapter base =
        new RedbAdapter(
            RedbAdapter.Options.of(Path.of(arguments[0])), TransactionListener.NONE);
        SqlitePages pages =
            SqlitePages.open(base.create("base", transaction -> {}), options);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      DataSource source = pages.dataSource("bank");
      try (Connection connection = source.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, amount INTEGER)");
        for (int i = 0; i < ACCOUNTS; i++) {
          statement.execute("INSERT INTO account VALUES (" + i + ", 100)");
        }
      }
      List<Future<Integer>> ends = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        ends.add(callers.submit(() -> write(source, writer)));
      }
      for (int i = 0; i < READERS; i++) {
        ends.add(callers.submit(() -> read(source)));
      }
      for (Future<Integer> end : ends) {
        end.get();
      }
    }
  }

  /**
   * Yields its carrier within each transaction; threads that wait for it must not pin the carrier.
   */
  private static int write(DataSource source, int writer) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        PreparedStatement move =
            connection.prepareStatement("UPDATE account SET amount = amount + ? WHERE id = ?")) {
      statement.execute("PRAGMA busy_timeout = 30000");
      for (int i = 0; i < TIMES; i++) {
        statement.execute("BEGIN IMMEDIATE");
        for (int sign = -1; sign <= 1; sign += 2) {
          move.setInt(1, sign);
          move.setInt(2, (writer + i + sign) % ACCOUNTS & 0xF);
          move.executeUpdate();
          Thread.yield();
        }
        statement.execute("COMMIT");
      }
      return writer;
    }
  }

  private static int read(DataSource source) throws SQLException {
    int sum = 0;
    for (int i = 0; i < TIMES; i++) {
      try (Connection connection = source.getConnection();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT sum(amount) FROM account")) {
        rows.next();
        sum = rows.getInt(1);
        if (sum != ACCOUNTS * 100) {
          throw new IllegalStateException("A reader sees a total of " + sum);
        }
      }
    }
    return sum;
  }
}

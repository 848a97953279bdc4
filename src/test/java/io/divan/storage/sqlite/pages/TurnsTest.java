package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.Sql.run;
import static io.divan.storage.sqlite.pages.Sql.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.lease.Leases;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sqlite.SQLiteConfig;

/** Processes that write the same database take turns. */
@Timeout(60)
class TurnsTest {
  private static final String INSERT = "INSERT INTO t VALUES (1)";

  private final CheckedAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final Store base = adapter.create("base", transaction -> {});
  private final DialStore dial = new DialStore(base);
  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger idleLooks = new AtomicInteger();
  private SqlitePages one;
  private SqlitePages two;
  private Connection owner;
  private Connection other;

  private static Connection connect(SqlitePages pages, int busyMillis) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(busyMillis);
    return pages.connect("a", config);
  }

  /**
   * Opens a connection in each of two processes, without busy time-outs; the first has the lease.
   */
  @BeforeEach
  void open() throws SQLException {
    Leases.Options leases =
        Leases.Options.shared("host").duration(Duration.ofHours(1)).nanoTime(this::time);
    PageOptions options = PageOptions.defaults().leases(leases, Duration.ofDays(1));
    one = SqlitePages.open(dial, options);
    two = SqlitePages.open(base, options);
    owner = connect(one, 0);
    other = connect(two, 0);
    run(owner, "CREATE TABLE t (k)", INSERT);
  }

  @AfterEach
  void close() throws SQLException {
    assertThat(text(owner, "PRAGMA integrity_check")).isEqualTo("ok");
    owner.close();
    other.close();
    one.close();
    two.close();
    adapter.close();
  }

  private long time() {
    if (Thread.currentThread().getName().equals("sqlite-pages-leases")) {
      idleLooks.incrementAndGet();
    }
    return now.get();
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private static void isBusy(Connection connection) {
    assertThatThrownBy(() -> run(connection, INSERT)).hasMessageContaining("SQLITE_BUSY");
  }

  private static void waits(Connection connection) {
    isBusy(connection);
    isBusy(connection); // asks again soon, and so joins the queue
  }

  private static int rows(Connection connection) throws SQLException {
    return Integer.parseInt(text(connection, "SELECT count(*) FROM t"));
  }

  @Test
  void otherWaits_ownerReleasesTheLeaseAfterItsTurn_andQueues() throws SQLException {
    waits(other);
    run(owner, INSERT, INSERT);
    isBusy(other); // the owner's turn has just begun
    pass(WriterLease.TURN);
    long writes = dial.writes.get();
    run(owner, "BEGIN", INSERT);
    isBusy(other);
    run(owner, INSERT, "COMMIT"); // releases the lease: two transactions in all
    assertThat(dial.writes.get()).isEqualTo(writes + 2);
    waits(owner);
    run(other, INSERT, INSERT);
    assertThat(rows(other)).isEqualTo(7);
    isBusy(owner);
    pass(WriterLease.TURN);
    run(other, INSERT);
    waits(other);
    run(owner, INSERT);
    assertThat(rows(owner)).isEqualTo(9);
  }

  @Test
  void noOtherWaits_ownerKeepsTheLease() throws SQLException {
    isBusy(other); // asks only once, and so does not wait
    for (int i = 0; i < 10; i++) {
      pass(Duration.ofMillis(300));
      long writes = dial.writes.get();
      run(owner, INSERT);
      assertThat(dial.writes.get()).isEqualTo(writes + 1);
      isBusy(other); // much later
    }
    assertThat(rows(owner)).isEqualTo(11);
  }

  @Test
  void otherHasGivenUp_ownerContinuesAfterADelay() throws SQLException {
    waits(other);
    pass(WriterLease.TURN);
    run(owner, INSERT); // releases the lease
    isBusy(owner);
    pass(Duration.ofMillis(499));
    isBusy(owner);
    pass(Duration.ofMillis(1));
    for (int i = 0; i < 5; i++) {
      run(owner, INSERT);
      pass(WriterLease.TURN);
    }
    assertThat(rows(owner)).isEqualTo(7);
  }

  @Test
  void ownerThatHasWaited_idle_releasesTheLeaseSoon() throws SQLException {
    waits(other);
    pass(WriterLease.TURN);
    run(owner, INSERT);
    run(other, INSERT);
    await().until(() -> idleLooks.get() >= 2); // the clock has not moved: the owner is not idle
    isBusy(owner);
    pass(Duration.ofMillis(50));
    await().ignoreExceptions().until(() -> hasWritten(owner));
    assertThat(rows(owner)).isEqualTo(4);
  }

  private static boolean hasWritten(Connection connection) throws SQLException {
    run(connection, INSERT);
    return true;
  }

  @Test
  void rolledBack_whileOthersWait_discardsItsChanges() throws SQLException {
    waits(other);
    pass(WriterLease.TURN);
    run(owner, INSERT);
    run(other, "UPDATE t SET k = 5");
    pass(WriterLease.TURN);
    waits(owner);
    run(other, "BEGIN", "UPDATE t SET k = 6", "ROLLBACK", "UPDATE t SET k = 7");
    run(owner, INSERT);
    assertThat(text(owner, "SELECT group_concat(k) FROM t")).isEqualTo("7,7,1");
  }

  /** In real time: one process writes without a pause, the other one occasionally. */
  @Test
  void ownerNeverPauses_bothGetTurns() throws Exception {
    PageOptions options =
        PageOptions.defaults().leases(Leases.Options.shared("host"), Duration.ofSeconds(1));
    try (StorageAdapter cluster = TestCluster.adapter(new SimulatedFoundationDb())) {
      Store store = cluster.create("base", transaction -> {});
      try (SqlitePages busy = SqlitePages.open(store, options);
          SqlitePages patient = SqlitePages.open(store, options);
          Connection writer = connect(busy, 30_000);
          Connection waiter = connect(patient, 30_000)) {
        run(writer, "CREATE TABLE t (k)");
        takeTurns(writer, waiter);
      }
    }
  }

  private static void takeTurns(Connection writer, Connection waiter) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger written = new AtomicInteger();
    CompletableFuture<Void> writing =
        CompletableFuture.runAsync(
            () -> {
              try {
                while (!stop.get()) {
                  run(writer, "INSERT INTO t VALUES (2)");
                  written.incrementAndGet();
                }
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    for (int i = 0; i < 3; i++) {
      int before = written.get();
      run(waiter, "INSERT INTO t VALUES (3)");
      await().until(() -> written.get() > before + 1 || writing.isDone()); // also has turns
    }
    stop.set(true);
    writing.get(30, TimeUnit.SECONDS);
    assertThat(text(waiter, "SELECT count(*) FROM t WHERE k = 3")).isEqualTo("3");
    assertThat(text(waiter, "SELECT count(*) FROM t WHERE k = 2"))
        .isEqualTo(Integer.toString(written.get()));
    assertThat(text(waiter, "PRAGMA integrity_check")).isEqualTo("ok");
  }
}

package io.divan.storage.fdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.storage.BatchScan;
import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.LevelDb;
import io.divan.storage.leveldb.LevelDbOptions;
import io.divan.storage.leveldb.lsm.LsmLevelDb;
import io.divan.storage.sqlite.pages.PageOptions;
import io.divan.storage.sqlite.pages.SqlitePages;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.Snapshot;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Operations that last longer than FoundationDB's snapshots, which is five seconds, or are larger
 * than its transactions, on the cluster named by {@code FDB_CLUSTER_FILE}.
 */
@Timeout(600)
class LayerLongTest {
  @RegisterExtension static final TestCluster CLUSTER = TestCluster.required();

  private static final Duration LONG = Duration.ofSeconds(12);
  private static final String SUM =
      "SELECT sum(unicode(hex(v)) + unicode(substr(hex(v), 999)) * k) FROM t";
  private static final WriteOptions SYNC = new WriteOptions().sync(true);

  private final StorageAdapter adapter = new CheckedAdapter(CLUSTER.adapter());
  private final Store store = adapter.create("db", transaction -> {});
  private final Random random = new Random(1);

  @AfterEach
  void close() {
    adapter.close();
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  private byte[] value(int bytes) {
    byte[] value = new byte[bytes];
    random.nextBytes(value);
    return value;
  }

  private void fill(DB db, int from, int to, int bytes) throws Exception {
    for (int i = from; i < to; i += 100) {
      try (WriteBatch batch = db.createWriteBatch()) {
        for (int j = i; j < Math.min(i + 100, to); j++) {
          batch.put(key(j), value(bytes));
        }
        db.write(batch, SYNC);
      }
    }
  }

  /** The exact size of all rows; a cluster's own estimate lags behind. */
  private long bytes() {
    long bytes = 0;
    for (int table = 0; table < 8; table++) {
      BatchScan<Integer> scan =
          store.scan(
              Range.all(new Table(table, "any")),
              Range.NO_LIMIT,
              (transaction, rows) -> new BatchScan.Batch<>(
                  rows.stream().map(row -> row.bytes()).toList(), rows.size()));
      while (scan.hasMore()) {
        bytes += scan.next().stream().mapToLong(Integer::longValue).sum();
      }
    }
    return bytes;
  }

  private static boolean isPast(long begun) {
    return System.nanoTime() - begun > LONG.toNanos();
  }

  private LsmLevelDb lsm() {
    return new LsmLevelDb(
        Leases.Options.shared("here"), LsmLevelDb.Settings.defaults().cacheBytes(1 << 20));
  }

  @Test
  void lsm_readersDuringWritesAndCompactions_seeTheirSnapshot() throws Exception {
    try (LsmLevelDb lsm = lsm();
        DB db = lsm.open(store, "db", new Options().cacheSize(1 << 16))) {
      fill(db, 0, 5_000, 1_000);
      byte[] old = db.get(key(7));
      long begun = System.nanoTime();
      int read = 0;
      int rounds = 0;
      try (Snapshot snapshot = db.getSnapshot();
          DBIterator iterator = db.iterator(new ReadOptions().snapshot(snapshot))) {
        while (!isPast(begun) || read < 5_000) {
          fill(db, 0, 2_500, 1_000);
          fill(db, 5_000 + rounds * 100, 5_100 + rounds * 100, 1_000);
          db.compactRange(null, null);
          for (int i = 0; i < 250 && iterator.hasNext(); i++) {
            assertThat(iterator.next().getKey()).isEqualTo(key(read));
            read++;
          }
          assertThat(db.get(key(7), new ReadOptions().snapshot(snapshot))).isEqualTo(old);
          rounds++;
        }
        assertThat(iterator.hasNext()).isFalse();
      }
      assertThat(read).isEqualTo(5_000);
      assertThat(db.get(key(7))).isNotEqualTo(old);
    }
  }

  @Test
  void lsm_manyMegabytesCompacted_areStoredOnce() throws Exception {
    int rows = Integer.getInteger("divan.cluster.megabytes", 40) * 1_000;
    try (LsmLevelDb lsm = lsm()) {
      try (DB db = lsm.open(store, "db", new Options().maxFileSize(2 << 20))) {
        fill(db, 0, rows, 900);
        fill(db, 0, rows / 10, 900);
        db.compactRange(null, null);
      }
      // Opening finds the files that are no longer needed; closing removes their rows.
      lsm.open(store, "db", new Options().maxFileSize(2 << 20)).close();
      try (DB db = lsm.open(store, "db", new Options())) {
        int read = 0;
        try (DBIterator iterator = db.iterator()) {
          while (iterator.hasNext()) {
            assertThat(iterator.next().getKey()).isEqualTo(key(read));
            read++;
          }
        }
        assertThat(read).isEqualTo(rows);
      }
      assertThat(bytes()).isBetween(rows * 800L, rows * 1_300L);
      lsm.destroy(store, "db");
    }
    assertThat(bytes()).isLessThan(100_000);
  }

  @Test
  void api_snapshotsTooOld_iteratorsContinueAndKeptSnapshotsLast() throws Exception {
    try (LevelDb db =
        LevelDb.open(
            store,
            new Options(),
            LevelDbOptions.defaults().iterators(LevelDbOptions.Iterators.SNAPSHOT));
        LevelDb kept =
            LevelDb.open(
                adapter.create("kept", transaction -> {}),
                new Options(),
                LevelDbOptions.defaults().keepSnapshots(Duration.ofMinutes(1)))) {
      fill(db, 0, 2_000, 1_000);
      fill(kept, 0, 2_000, 1_000);
      byte[] old = kept.get(key(7));
      long begun = System.nanoTime();
      try (Snapshot snapshot = db.getSnapshot();
          DBIterator strict = db.iterator();
          Snapshot lasting = kept.getSnapshot();
          DBIterator continuing = kept.iterator()) {
        strict.next();
        int read = 0;
        while (!isPast(begun)) {
          fill(db, 0, 100, 1_000);
          fill(kept, 0, 100, 1_000);
          for (int i = 0; i < 10 && continuing.hasNext(); i++) {
            assertThat(continuing.next().getKey()).isEqualTo(key(read++));
          }
        }
        while (continuing.hasNext()) {
          assertThat(continuing.next().getKey()).isEqualTo(key(read++));
        }
        assertThat(read).isEqualTo(2_000);
        assertTooOld(() -> db.get(key(7), new ReadOptions().snapshot(snapshot)));
        assertTooOld(() -> strict.forEachRemaining(row -> {}));
        assertThat(kept.get(key(7), new ReadOptions().snapshot(lasting))).isEqualTo(old);
      }
    }
  }

  private static void assertTooOld(Runnable read) {
    assertThatExceptionOfType(DBException.class)
        .isThrownBy(read::run)
        .withCauseInstanceOf(StorageException.SnapshotTooOld.class);
  }

  private static void run(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getString(1) : "";
    }
  }

  private static String fill(int rows) {
    return "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < " + rows
        + ") INSERT INTO t SELECT i, randomblob(1000) FROM c";
  }

  private SqlitePages pages(Duration keepOldPages) {
    return SqlitePages.open(
        store,
        PageOptions.defaults()
            .memory(1_000_000, 64_000_000)
            .keepOldPages(keepOldPages)
            .leases(Leases.Options.shared("here"), Duration.ofSeconds(1)));
  }

  @Test
  void sqlite_transactionOf30Megabytes_isAtomic() throws Exception {
    try (SqlitePages pages = pages(Duration.ZERO)) {
      try (Connection connection = pages.connect("a");
          Connection reader = pages.connect("a")) {
        run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, v)", "PRAGMA cache_size = 100");
        run(connection, "BEGIN", fill(30_000));
        assertThat(text(reader, "SELECT count(*) FROM t")).isEqualTo("0");
        run(connection, "COMMIT");
        assertThat(text(reader, "SELECT count(*) FROM t")).isEqualTo("30000");
        String sum = text(reader, SUM);
        run(connection, "BEGIN", "UPDATE t SET v = randomblob(1001)", "ROLLBACK");
        assertThat(text(reader, SUM)).isEqualTo(sum);
        run(connection, "UPDATE t SET v = randomblob(1001)");
        assertThat(text(reader, "SELECT sum(length(v)) FROM t")).isEqualTo("30030000");
        run(connection, "DELETE FROM t WHERE k > 10", "VACUUM");
        assertThat(text(reader, "SELECT count(*) FROM t")).isEqualTo("10");
        assertThat(text(reader, "PRAGMA integrity_check")).isEqualTo("ok");
        for (int i = 0; i < 20; i++) { // each update removes some of the replaced pages
          run(connection, "UPDATE t SET v = " + i);
        }
      }
      assertThat(bytes()).isLessThan(100_000);
      pages.delete("a");
    }
    assertThat(bytes()).isLessThan(1_000);
  }

  @Test
  void sqlite_readerDuringWrites_outlastsTheClustersSnapshot() throws Exception {
    try (SqlitePages pages = pages(Duration.ofMinutes(1));
        Connection connection = pages.connect("a");
        Connection reader = pages.connect("a")) {
      run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, v)", fill(4_000));
      String before = text(connection, SUM);
      long begun = System.nanoTime();
      reader.setAutoCommit(false);
      run(reader, "PRAGMA cache_size = 10");
      while (!isPast(begun)) {
        assertThat(text(reader, SUM)).isEqualTo(before);
        run(connection, "UPDATE t SET v = randomblob(1000) WHERE k % 7 = 0");
        run(connection, "DELETE FROM t WHERE k > 3900", "VACUUM");
      }
      assertThat(text(reader, SUM)).isEqualTo(before);
      reader.commit();
      assertThat(text(reader, "SELECT max(k) FROM t")).isEqualTo("3900");
    }
  }

  @Test
  void sqlite_readerOlderThanTheKeptPages_fails() throws Exception {
    try (SqlitePages pages = pages(Duration.ofSeconds(2));
        Connection connection = pages.connect("a");
        Connection reader = pages.connect("a")) {
      run(connection, "CREATE TABLE t (k INTEGER PRIMARY KEY, v)", fill(4_000));
      reader.setAutoCommit(false);
      run(reader, "PRAGMA cache_size = 10");
      assertThat(text(reader, "SELECT count(*) FROM t")).isEqualTo("4000");
      long begun = System.nanoTime();
      while (!isPast(begun)) {
        run(connection, "UPDATE t SET v = randomblob(1000) WHERE k % 7 = 0");
      }
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> text(reader, "SELECT sum(length(v)) FROM t"))
          .withCauseInstanceOf(StorageException.SnapshotTooOld.class);
      try (Connection another = pages.connect("a")) {
        assertThat(text(another, "SELECT count(*) FROM t")).isEqualTo("4000");
      }
    }
  }
}

package io.divan.storage.leveldb.lsm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.KeyValue;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.NamedComparator;
import io.divan.storage.tuple.TupleWriter;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBFactory;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.Range;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.Snapshot;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(180)
class LsmLevelDbTest {
  private static final WriteOptions SYNC = new WriteOptions().sync(true);

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orModel();

  private final StorageAdapter adapter = CLUSTER.adapter();
  private final Store store = adapter.create("d", transaction -> {});
  private final LsmLevelDb lsm =
      new LsmLevelDb(Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults());
  private final List<DB> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (DB db : open) {
      db.close();
    }
    lsm.close();
    adapter.close();
  }

  private DB open(String directory, Options options) {
    DB db = lsm.open(store, directory, options);
    open.add(db);
    return db;
  }

  private DB open() {
    return open("db", new Options());
  }

  private DB reopen() throws Exception {
    open.removeLast().close();
    return open();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String text(byte[] value) {
    return value == null ? null : new String(value, UTF_8);
  }

  private static List<String> rows(DBIterator iterator) {
    List<String> rows = new ArrayList<>();
    while (iterator.hasNext()) {
      Map.Entry<byte[], byte[]> row = iterator.next();
      rows.add(text(row.getKey()) + "=" + text(row.getValue()));
    }
    return rows;
  }

  @Test
  void put_synced_survivesReopening() throws Exception {
    DB db = open();
    db.put(bytes("a"), bytes("1"), SYNC);
    db.put(bytes("b"), bytes("2"), SYNC);
    db.delete(bytes("a"), SYNC);
    db = reopen();
    assertThat(db.get(bytes("a"))).isNull();
    assertThat(text(db.get(bytes("b")))).isEqualTo("2");
  }

  @Test
  void put_notSynced_survivesClosing() throws Exception {
    open().put(bytes("a"), bytes("1"));
    assertThat(text(reopen().get(bytes("a")))).isEqualTo("1");
  }

  @Test
  void write_batch_isAppliedInOrder() throws Exception {
    DB db = open();
    try (WriteBatch batch = db.createWriteBatch()) {
      batch.put(bytes("a"), bytes("1")).put(bytes("b"), bytes("2")).delete(bytes("a"));
      db.write(batch, SYNC);
    }
    assertThat(db.get(bytes("a"))).isNull();
    assertThat(text(db.get(bytes("b")))).isEqualTo("2");
  }

  @Test
  void iterator_bothDirections_isOrdered() throws Exception {
    DB db = open();
    for (String key : List.of("c", "a", "b")) {
      db.put(bytes(key), bytes(key + key));
    }
    try (DBIterator iterator = db.iterator()) {
      iterator.seekToFirst();
      assertThat(rows(iterator)).containsExactly("a=aa", "b=bb", "c=cc");
      iterator.seek(bytes("b"));
      assertThat(text(iterator.peekNext().getKey())).isEqualTo("b");
      iterator.seekToLast();
      assertThat(text(iterator.peekNext().getKey())).isEqualTo("c");
      assertThat(text(iterator.peekPrev().getKey())).isEqualTo("b");
      assertThat(text(iterator.prev().getKey())).isEqualTo("b");
      assertThat(iterator.hasPrev()).isTrue();
      assertThat(text(iterator.next().getKey())).isEqualTo("b");
    }
  }

  @Test
  void snapshot_laterWrites_areNotVisible() throws Exception {
    DB db = open();
    db.put(bytes("a"), bytes("1"));
    try (Snapshot snapshot = db.getSnapshot()) {
      db.put(bytes("a"), bytes("2"));
      db.compactRange(null, null);
      ReadOptions then = new ReadOptions().snapshot(snapshot);
      assertThat(text(db.get(bytes("a"), then))).isEqualTo("1");
      try (DBIterator iterator = db.iterator(then)) {
        iterator.seekToFirst();
        assertThat(rows(iterator)).containsExactly("a=1");
      }
    }
    assertThat(text(db.get(bytes("a")))).isEqualTo("2");
  }

  @Test
  void compactRange_manyRows_keepsAllRows() throws Exception {
    DB db = open("db", new Options().writeBufferSize(1 << 16));
    byte[] value = new byte[1_000];
    for (int i = 0; i < 1_000; i++) {
      db.put(bytes("k" + i % 500), value);
    }
    db.compactRange(null, null);
    assertThat(db.getProperty("leveldb.num-files-at-level0")).isEqualTo("0");
    int rows = 0;
    try (DBIterator iterator = db.iterator()) {
      iterator.seekToFirst();
      while (iterator.hasNext()) {
        assertThat(iterator.next().getValue()).hasSize(1_000);
        rows++;
      }
    }
    assertThat(rows).isEqualTo(500);
    assertThat(db.getApproximateSizes(new Range(bytes("k"), bytes("l")))[0])
        .isGreaterThan(400_000);
  }

  /**
   * Otherwise two versions of a key could be split over two SST files, one of which is compacted
   * alone.
   */
  @Test
  void compactRange_snapshotOpen_keepsOneVersionOfAKey() throws Exception {
    DB db = open("db", new Options().writeBufferSize(1 << 16));
    for (int i = 0; i < 500; i++) {
      db.put(bytes("k" + i), new byte[1_000]);
    }
    try (Snapshot snapshot = db.getSnapshot()) {
      for (int i = 0; i < 500; i++) {
        if (i % 2 == 0) {
          db.delete(bytes("k" + i));
        } else {
          db.put(bytes("k" + i), new byte[10]);
        }
      }
      db.compactRange(null, null);
      assertThat(db.getApproximateSizes(new Range(bytes("k"), bytes("l")))[0])
          .isLessThan(20_000);
      ReadOptions then = new ReadOptions().snapshot(snapshot);
      try (DBIterator iterator = db.iterator(then)) {
        for (int i = 0; i < 500; i++) {
          assertThat(db.get(bytes("k" + i), then)).hasSize(1_000);
          assertThat(iterator.next().getValue()).hasSize(1_000);
        }
        assertThat(iterator.hasNext()).isFalse();
      }
    }
  }

  @Test
  void open_severalDirectories_areSeparate() throws Exception {
    DB first = open("first", new Options());
    DB second = open("second", new Options());
    DB prefix = open("first/inner", new Options());
    first.put(bytes("a"), bytes("1"), SYNC);
    second.put(bytes("a"), bytes("2"), SYNC);
    prefix.put(bytes("a"), bytes("3"), SYNC);
    assertThat(text(first.get(bytes("a")))).isEqualTo("1");
    assertThat(text(second.get(bytes("a")))).isEqualTo("2");
    assertThat(text(prefix.get(bytes("a")))).isEqualTo("3");
    second.close();
    lsm.destroy(store, "second");
    assertThatThrownBy(() -> open("second", new Options().createIfMissing(false)))
        .isInstanceOf(DBException.class)
        .hasMessageContaining("does not exist");
    assertThat(text(first.get(bytes("a")))).isEqualTo("1");
  }

  @Test
  void get_closedDatabase_isRejected() throws Exception {
    DB db = open();
    db.close();
    assertThatThrownBy(() -> db.get(bytes("a")))
        .isInstanceOf(DBException.class)
        .hasMessage("The database db is closed; open it again");
    assertThatThrownBy(() -> db.put(bytes("a"), bytes("1"))).isInstanceOf(DBException.class);
    assertThatThrownBy(db::iterator).isInstanceOf(DBException.class);
  }

  @Test
  void put_callerChangesItsArrayLater_keepsTheWrittenValue() throws Exception {
    DB db = open();
    byte[] value = bytes("1");
    db.put(bytes("a"), value);
    value[0] = 'x';
    byte[] batched = bytes("2");
    try (WriteBatch batch = db.createWriteBatch()) {
      batch.put(bytes("b"), batched);
      batched[0] = 'x';
      db.write(batch);
    }
    assertThat(text(db.get(bytes("a")))).isEqualTo("1");
    assertThat(text(db.get(bytes("b")))).isEqualTo("2");
  }

  @Test
  void open_errorIfExists_isRejected() throws Exception {
    open().close();
    open.clear();
    assertThatThrownBy(() -> open("db", new Options().errorIfExists(true)))
        .isInstanceOf(DBException.class)
        .hasMessageContaining("exists");
    open().put(bytes("a"), bytes("1"));
  }

  @Test
  void open_alreadyOpen_isRejected() {
    open();
    assertThatThrownBy(this::open)
        .isInstanceOf(DBException.class)
        .hasMessageStartingWith("The database db is in use by here")
        .hasCauseInstanceOf(StorageException.StoreUnavailable.class);
  }

  private static Options reversed() {
    return new Options().comparator(new NamedComparator("test.reverse", -1));
  }

  @Test
  void open_anotherComparator_isRejected() throws Exception {
    open().put(bytes("a"), bytes("1"));
    open.removeLast().close();
    assertThatThrownBy(() -> open("db", reversed()))
        .isInstanceOf(DBException.class)
        .hasMessageContaining("comparator");
    assertThat(text(open().get(bytes("a")))).isEqualTo("1");
  }

  @Test
  void open_customComparator_ordersRows() throws Exception {
    DB db = open("db", reversed());
    db.put(bytes("a"), bytes("1"));
    db.put(bytes("b"), bytes("2"));
    db.compactRange(null, null);
    try (DBIterator iterator = db.iterator()) {
      iterator.seekToFirst();
      assertThat(rows(iterator)).containsExactly("b=2", "a=1");
    }
  }

  @Test
  void destroy_removesAllRowsOfTheDirectory() throws Exception {
    DB db = open("db", new Options().writeBufferSize(1 << 16));
    for (int i = 0; i < 500; i++) {
      db.put(bytes("k" + i), new byte[1_000]);
    }
    open.removeLast().close();
    lsm.destroy(store, "db");
    assertThat(rows(LsmKeys.FILES)).isEmpty();
    assertThat(rows(LsmKeys.CHUNKS)).isEmpty();
  }

  private List<KeyValue> rows(Table table) {
    return store.read(reads -> reads.scan(io.divan.storage.Range.all(table))).rows();
  }

  @Test
  void open_filesOfANewerFormat_failsAndReleasesTheLock() throws Exception {
    byte[] key = LsmKeys.file("db", "CURRENT");
    store.write(
        transaction -> {
          transaction.put(LsmKeys.FILES, key, TupleWriter.pack(7L, 1L, 1L, 1L));
          return 1;
        });
    assertThatThrownBy(this::open)
        .isInstanceOf(DBException.class)
        .hasCauseInstanceOf(StorageException.StoreUnusable.class)
        .hasMessageContaining("format 7");
    store.write(
        transaction -> {
          transaction.delete(LsmKeys.FILES, key);
          return 1;
        });
    try (LsmLevelDb another =
        new LsmLevelDb(Leases.Options.shared("other"), LsmLevelDb.Settings.defaults());
        DB db = another.open(store, "db", new Options())) {
      assertThat(db.get(bytes("a"))).isNull();
    }
  }

  @Test
  void repair_doesNotChangeTheCallersOptions() throws Exception {
    open().close();
    DBFactory factory = lsm.factory(store);
    Options options = new Options().errorIfExists(true);
    factory.repair(new File("db"), options);
    assertThat(options.createIfMissing()).isTrue();
    assertThat(options.errorIfExists()).isTrue();
  }

  @Test
  void get_fromFiles_isCachedWithinTheLimit() throws Exception {
    try (LsmLevelDb small =
        new LsmLevelDb(
            Leases.Options.exclusive("here"),
            LsmLevelDb.Settings.defaults().cacheBytes(300_000).compress(true))) {
      DB db = small.open(store, "small", new Options().writeBufferSize(1 << 16).cacheSize(0));
      for (int i = 0; i < 2_000; i++) {
        db.put(bytes("k" + i), new byte[500]);
      }
      db.compactRange(null, null);
      for (int i = 0; i < 2_000; i++) {
        assertThat(db.get(bytes("k" + i))).hasSize(500);
        assertThat(small.cachedBytes()).isBetween(1L, 300_000L);
      }
      db.close();
      assertThat(small.cachedBytes()).isZero();
    }
  }
}

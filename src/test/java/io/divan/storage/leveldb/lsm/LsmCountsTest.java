package io.divan.storage.leveldb.lsm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.lease.Leases;
import java.time.Duration;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.iq80.leveldb.env.DbLock;
import org.iq80.leveldb.env.File;
import org.iq80.leveldb.env.RandomInputFile;
import org.iq80.leveldb.env.SequentialFile;
import org.iq80.leveldb.env.WritableFile;
import org.iq80.leveldb.util.Slice;
import org.iq80.leveldb.util.SliceOutput;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests exactly how many transactions of the base store operations take. */
class LsmCountsTest {
  private static final WriteOptions SYNC = new WriteOptions().sync(true);
  private static final int CHUNK = LsmKeys.CHUNK_BYTES;

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orModel();

  private final StorageAdapter adapter = CLUSTER.adapter();
  private final Store below = adapter.create("d", transaction -> {});
  private final FaultyStore store = new FaultyStore(below);
  private final LsmLevelDb lsm =
      new LsmLevelDb(Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults());

  @AfterEach
  void close() {
    lsm.close();
    adapter.close();
  }

  private DB open() {
    return lsm.open(store, "db", new Options().writeBufferSize(16 << 20));
  }

  private static byte[] key(int i) {
    return String.format("k%08d", i).getBytes(UTF_8);
  }

  private static void fill(DB db, int rows, int bytes) throws Exception {
    try (WriteBatch batch = db.createWriteBatch()) {
      for (int i = 0; i < rows; i++) {
        batch.put(key(i), new byte[bytes]);
      }
      db.write(batch);
    }
  }

  @Test
  void put_synced_isOneTransaction() throws Exception {
    try (DB db = open()) {
      db.put(key(0), new byte[100], SYNC);
      int before = store.writes();
      for (int i = 0; i < 50; i++) {
        db.put(key(i), new byte[2_000], SYNC);
      }
      assertThat(store.writes() - before).isEqualTo(50);
    }
  }

  @Test
  void put_notSynced_isNoTransaction() throws Exception {
    try (DB db = open()) {
      int before = store.writes();
      fill(db, 1_000, 1_000);
      assertThat(store.writes()).isEqualTo(before);
    }
  }

  @Test
  void get_repeated_isNoTransaction() throws Exception {
    try (DB db = open()) {
      fill(db, 2_000, 500);
      db.compactRange(null, null);
      for (int round = 0; round < 2; round++) {
        int before = store.reads();
        for (int i = 0; i < 2_000; i += 7) {
          db.get(key(i));
        }
        int after = store.reads();
        if (round == 1) {
          assertThat(after).isEqualTo(before);
        }
      }
    }
  }

  /** The next transaction removes the former log, whatever else it writes. */
  @Test
  void flush_fileBelowTheLimit_isOneTransaction() throws Exception {
    try (DB db = open()) {
      fill(db, 1_000, 1_000);
      db.put(key(0), new byte[1], SYNC);
      int before = store.writes();
      db.compactRange(key(5_000), key(5_001)); // flushes the memtable and compacts nothing
      assertThat(db.getProperty("leveldb.sstables")).contains("1");
      assertThat(store.writes() - before).as("SST file and manifest together").isEqualTo(1);
      assertThat(db.get(key(999))).hasSize(1_000);
    }
  }

  @Test
  void flush_fileBeyondTheLimit_isWrittenInBatches() throws Exception {
    try (DB db = open()) {
      fill(db, 10_000, 1_000);
      db.put(key(0), new byte[1], SYNC);
      int before = store.writes();
      db.compactRange(key(50_000), key(50_001));
      assertThat(store.writes() - before)
          .as("128 chunks of the SST file, the rest with the manifest")
          .isEqualTo(2);
    }
  }

  /** Three SST files of 2 MB fill a transaction; the last ones are written with the manifest. */
  @Test
  void compaction_manyFiles_areWrittenTogether() throws Exception {
    try (DB db = open()) {
      fill(db, 9_000, 1_000);
      db.compactRange(null, null);
      fill(db, 9_000, 1_000);
      db.put(key(0), new byte[1], SYNC);
      int before = store.writes();
      db.compactRange(null, null);
      assertThat(store.writes() - before)
          .as("an SST file of 9 MB, then five for level 1, and five for level 2")
          .isEqualTo(6);
      assertThat(db.get(key(8_999))).hasSize(1_000);
    }
  }

  @Test
  void open_andClose_areFewTransactions() throws Exception {
    open().close();
    int writes = store.writes();
    int reads = store.reads();
    DB db = open();
    assertThat(store.writes() - writes)
        .as("lease, manifest, CURRENT")
        .isEqualTo(3);
    assertThat(store.reads() - reads)
        .as("lease, both listings, existence, CURRENT, manifest")
        .isEqualTo(6);
    db.close();
    assertThat(store.writes() - writes)
        .as("and the empty log with the deletions, the lease")
        .isEqualTo(5);
  }

  private StoreEnv env() {
    return lsm.env(store);
  }

  private static void write(StoreEnv env, File file, int bytes) throws Exception {
    try (WritableFile writer = env.newWritableFile(file)) {
      byte[] content = new byte[bytes];
      for (int i = 0; i < bytes; i++) {
        content[i] = (byte) (i / 1_000);
      }
      writer.append(new Slice(content));
      writer.force();
    }
  }

  @Test
  void files_ofTheOwner_areKnownWithoutReading() throws Exception {
    StoreEnv env = env();
    File directory = env.toFile("db");
    DbLock lock = env.tryLock(directory.child("LOCK"));
    for (int i = 0; i < 100; i++) {
      write(env, directory.child("f" + i), 10);
    }
    int before = store.reads();
    askOfAll(directory);
    assertThat(store.reads() - before).as("by the owner").isZero();
    lock.release();
    askOfAll(directory);
    assertThat(store.reads() - before).as("without the lock").isEqualTo(301);
  }

  /**
   * Makes the checks that LevelDB makes for a file: whether it exists, whether it is readable, its
   * length.
   */
  private static void askOfAll(File directory) {
    assertThat(directory.listFiles()).hasSize(100);
    for (int i = 0; i < 100; i++) {
      File file = directory.child("f" + i);
      assertThat(file.exists() && file.isFile() && file.length() == 10).isTrue();
    }
  }

  @Test
  void read_sequential_readsAhead() throws Exception {
    StoreEnv env = env();
    File file = env.toFile("db").child("f");
    DbLock lock = env.tryLock(env.toFile("db").child("LOCK"));
    write(env, file, 64 * CHUNK);
    int before = store.reads();
    try (SequentialFile stream = env.newSequentialFile(file)) {
      byte[] all = new byte[64 * CHUNK];
      Slice slice = new Slice(all);
      SliceOutput output = slice.output();
      int read = 0;
      while (read < all.length) {
        read += stream.read(10_000, output);
      }
    }
    assertThat(store.reads() - before).as("64 chunks, 14 at a time").isEqualTo(5);
    before = store.reads();
    try (RandomInputFile random = env.newRandomAccessFile(file)) {
      for (int position = 0; position + 4_096 <= 64 * CHUNK; position += 4_096) {
        assertThat(random.read(position, 4_096).get()).isEqualTo((byte) (position / 1_000));
      }
    }
    assertThat(store.reads() - before).as("1, 2, 4, 8, then 14 at a time").isEqualTo(8);
    lock.release();
  }

  @Test
  void read_random_readsOneChunk() throws Exception {
    StoreEnv env = env();
    File file = env.toFile("db").child("f");
    DbLock lock = env.tryLock(env.toFile("db").child("LOCK"));
    write(env, file, 64 * CHUNK);
    int before = store.reads();
    try (RandomInputFile random = env.newRandomAccessFile(file)) {
      random.read(2 * CHUNK + 5, 100);
      random.read(40 * CHUNK + 5, 100);
      random.read(2 * CHUNK + 900, 100);
      random.read(7 * CHUNK - 50, 100);
    }
    assertThat(store.reads() - before).as("three chunks, one of them twice").isEqualTo(3);
    lock.release();
  }

  @Test
  void append_longFile_isWrittenInBatches() throws Exception {
    StoreEnv env = env();
    File file = env.toFile("db").child("f");
    DbLock lock = env.tryLock(env.toFile("db").child("LOCK"));
    int before = store.writes();
    write(env, file, 300 * CHUNK + 1);
    assertThat(store.writes() - before).as("128, 128 and 45 chunks").isEqualTo(3);
    before = store.writes();
    file.delete();
    assertThat(store.writes()).as("removed by the next transaction").isEqualTo(before);
    lock.release();
    assertThat(store.writes() - before).as("row, three batches of chunks, lease").isEqualTo(5);
    assertThat(store.sizeBytes()).isLessThan(1_000);
  }

  @Test
  void rename_overAnotherFile_isOneTransactionAndRemovesIt() throws Exception {
    StoreEnv env = env();
    File directory = env.toFile("db");
    DbLock lock = env.tryLock(directory.child("LOCK"));
    for (int chunks : new int[] {2, 300}) {
      write(env, directory.child("f"), chunks * CHUNK);
      write(env, directory.child("g"), 10);
      int before = store.writes();
      assertThat(directory.child("g").renameTo(directory.child("f"))).isTrue();
      assertThat(store.writes() - before)
          .as("the rename; chunks of a long file in three more")
          .isEqualTo(chunks == 2 ? 1 : 4);
      assertThat(env.names("db")).containsExactly("f");
      assertThat(directory.child("f").length()).isEqualTo(10);
      assertThat(store.sizeBytes()).isLessThan(1_000);
    }
    lock.release();
  }

  @Test
  void delete_interruptedForALongFile_isFinishedByTheNextOwner() throws Exception {
    StoreEnv env = env();
    DbLock lock = env.tryLock(env.toFile("db").child("LOCK"));
    File file = env.toFile("db").child("f");
    write(env, file, 300 * CHUNK);
    file.delete();
    store.stopAfter(1, FaultyStore.Last.LOST);
    write(env, env.toFile("db").child("g"), 1); // succeeds; the store fails afterwards
    assertThat(store.isStopped()).isTrue();
    lock.release();
    try (LsmLevelDb next =
        new LsmLevelDb(Leases.Options.exclusive("next"), LsmLevelDb.Settings.defaults())) {
      StoreEnv there = next.env(below);
      there.tryLock(there.toFile("db").child("LOCK")).release();
      assertThat(there.names("db")).containsExactly("g");
      assertThat(below.sizeBytes()).isLessThan(1_000);
    }
  }

  @Test
  void scan_readsAheadInAllFiles() throws Exception {
    int scanned;
    try (DB db = open()) {
      fill(db, 4_000, 1_000);
      db.compactRange(null, null);
    }
    try (DB db = open()) {
      int before = store.reads();
      try (DBIterator iterator = db.iterator()) {
        iterator.seekToFirst();
        int rows = 0;
        while (iterator.hasNext()) {
          iterator.next();
          rows++;
        }
        assertThat(rows).isEqualTo(4_000);
      }
      scanned = store.reads() - before;
    }
    assertThat(scanned).as("4 MB in at least 62 chunks").isBetween(5, 20);
  }

  @Test
  void close_releasesTheLease() throws Exception {
    open().close();
    try (LsmLevelDb other =
        new LsmLevelDb(
            Leases.Options.shared("there").duration(Duration.ofHours(1)),
            LsmLevelDb.Settings.defaults())) {
      other.open(store, "db", new Options().createIfMissing(false)).close();
    }
  }
}

package io.divan.storage.leveldb.lsm;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.lease.Leases;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Stops the store after its n-th transaction, for every n of a program that flushes, compacts and
 * reopens the database. The reopened database must hold the first k batches, and k must include
 * every synced batch.
 */
@Timeout(180)
class LsmCrashTest {
  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orModel();

  private static final int KEYS = 40;
  private static final int BATCHES = 200;

  /** The progress of a program: the number of begun batches and of the last synced one. */
  private static final class Progress {
    int begun;
    int synced;
  }

  private final StorageAdapter adapter = CLUSTER.adapter();

  @AfterEach
  void close() {
    adapter.close();
  }

  @ParameterizedTest
  @EnumSource
  void open_storeStoppedAnywhere_hasAllSyncedWrites(FaultyStore.Last last) throws Exception {
    long seed = Seeds.seed(3);
    int stop = 0;
    boolean ended = true;
    while (ended) {
      Store store = adapter.create("d" + stop, transaction -> {});
      FaultyStore faulty = new FaultyStore(store);
      faulty.stopAfter(stop, last);
      Progress progress = new Progress();
      try {
        program(faulty, seed, progress);
      } catch (DBException e) {
        assertThat(faulty.isStopped()).as("%s", e).isTrue();
      }
      ended = faulty.isStopped();
      String which = "stopped after " + stop + " transactions, " + Seeds.replay(seed);
      try (LsmLevelDb lsm = newLsm()) {
        DB db = lsm.open(store, "db", options());
        check(db, seed, progress, which);
        db.put(new byte[] {1}, new byte[] {1}, new WriteOptions().sync(true));
        db.compactRange(null, null);
        db.close();
      } catch (DBException e) {
        throw new AssertionError(which, e);
      }
      adapter.delete("d" + stop);
      stop++;
    }
    assertThat(stop).as("transactions of the program").isGreaterThan(80);
  }

  private static LsmLevelDb newLsm() {
    return new LsmLevelDb(Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults());
  }

  private static Options options() {
    return new Options().writeBufferSize(1 << 16).maxFileSize(1 << 20);
  }

  private static void program(Store store, long seed, Progress progress) throws Exception {
    Random random = new Random(seed);
    for (int session = 0; session < 2; session++) {
      try (LsmLevelDb lsm = newLsm()) {
        DB db = lsm.open(store, "db", options());
        try {
          for (int i = 0; i < BATCHES / 2; i++) {
            boolean sync = random.nextInt(3) == 0;
            progress.begun++;
            write(db, seed, progress.begun, sync);
            if (sync) {
              progress.synced = progress.begun;
            }
            if (i % 30 == 29) {
              db.compactRange(null, null);
            }
          }
        } finally {
          db.close();
        }
        progress.synced = store instanceof FaultyStore faulty && !faulty.isStopped()
            ? progress.begun
            : progress.synced;
      }
    }
  }

  /** Writes a batch: one row with its number, and some others. */
  private static void write(DB db, long seed, int number, boolean sync) throws Exception {
    try (WriteBatch batch = db.createWriteBatch()) {
      for (Map.Entry<Integer, byte[]> row : batch(seed, number).entrySet()) {
        if (row.getValue().length == 0) {
          batch.delete(key(row.getKey()));
        } else {
          batch.put(key(row.getKey()), row.getValue());
        }
      }
      db.write(batch, new WriteOptions().sync(sync));
    }
  }

  private static Map<Integer, byte[]> batch(long seed, int number) {
    Random random = new Random(seed * 31 + number);
    Map<Integer, byte[]> rows = new TreeMap<>();
    for (int i = 0; i < 3; i++) {
      byte[] value = new byte[random.nextInt(5) == 0 ? 0 : 1 + random.nextInt(3_000)];
      random.nextBytes(value);
      rows.put(1 + random.nextInt(KEYS), value);
    }
    rows.put(0, ByteBuffer.allocate(4).putInt(number).array());
    return rows;
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  private static void check(DB db, long seed, Progress progress, String which) throws Exception {
    byte[] counted = db.get(key(0));
    int present = counted == null ? 0 : ByteBuffer.wrap(counted).getInt();
    assertThat(present).as(which).isBetween(progress.synced, progress.begun);
    Map<Integer, byte[]> model = new TreeMap<>();
    for (int number = 1; number <= present; number++) {
      batch(seed, number)
          .forEach(
              (key, value) -> {
                if (value.length == 0) {
                  model.remove(key);
                } else {
                  model.put(key, value);
                }
              });
    }
    try (DBIterator iterator = db.iterator()) {
      iterator.seekToFirst();
      for (Map.Entry<Integer, byte[]> row : model.entrySet()) {
        Map.Entry<byte[], byte[]> next = iterator.next();
        assertThat(next.getKey()).as(which).isEqualTo(key(row.getKey()));
        assertThat(next.getValue()).as(which).isEqualTo(row.getValue());
      }
      assertThat(iterator.hasNext()).as(which).isFalse();
    }
  }
}

package io.divan.storage.leveldb.lsm;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.IteratorWalk;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.Snapshot;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares random operations, with reopening and compactions, with a {@link TreeMap}. */
@Timeout(180)
class LsmRandomTest {

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orSimulated();

  @TempDir Path directory;

  private interface Opener {
    DB open();
  }

  @ParameterizedTest
  @CsvSource({"MODEL, 4000, false", "MEMORY, 1500, true", "REDB, 1000, false", "FDB, 700, false"})
  void operations_onBase_matchATreeMap(Base base, int steps, boolean compress) {
    long seed = Seeds.seed(base.ordinal() + 11);
    try (StorageAdapter adapter = base.open(directory, CLUSTER);
        LsmLevelDb lsm =
            new LsmLevelDb(
                Leases.Options.exclusive("here"),
                LsmLevelDb.Settings.defaults().compress(compress).cacheBytes(1 << 20))) {
      Store store = Base.create(adapter);
      run(() -> lsm.open(store, "db", options()), seed, steps);
    }
  }

  @Test
  void operations_inDirectory_matchATreeMap() {
    run(() -> LsmLevelDb.open(directory.resolve("db"), options()), Seeds.seed(5), 1_000);
  }

  /** Small buffers, so that memtables are flushed and files are compacted all the time. */
  private static Options options() {
    return new Options().writeBufferSize(1 << 16).maxFileSize(1 << 20).blockSize(1 << 10);
  }

  private static void run(Opener opener, long seed, int steps) {
    try {
      new Run(opener, seed).run(steps);
    } catch (AssertionError | Exception e) {
      throw new AssertionError(Seeds.replay(seed), e);
    }
  }

  private static final class Run {
    private final Opener opener;
    private final Random random;
    private NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    private DB db;
    private @Nullable Snapshot snapshot;
    private NavigableMap<byte[], byte[]> then = new TreeMap<>(Arrays::compareUnsigned);

    Run(Opener opener, long seed) {
      this.opener = opener;
      random = new Random(seed);
      db = opener.open();
    }

    void run(int steps) throws Exception {
      for (int i = 0; i < steps; i++) {
        int kind = random.nextInt(1_000);
        if (kind < 500) {
          write();
        } else if (kind < 700) {
          get();
        } else if (kind < 900) {
          walk();
        } else if (kind < 940) {
          takeSnapshot();
        } else if (kind < 990) {
          flood();
        } else if (kind < 995) {
          db.compactRange(random.nextBoolean() ? null : key(), null);
        } else {
          reopen();
        }
      }
      reopen();
      compareAll();
      db.close();
    }

    private byte[] key() {
      byte[] key = new byte[1 + random.nextInt(3)];
      for (int i = 0; i < key.length; i++) {
        key[i] = (byte) (random.nextInt(6) * 50);
      }
      return key;
    }

    private byte[] value() {
      byte[] value =
          new byte[random.nextInt(40) == 0 ? random.nextInt(200_000) : random.nextInt(300)];
      random.nextBytes(value);
      return value;
    }

    private WriteOptions options() {
      return new WriteOptions().sync(random.nextInt(4) == 0);
    }

    private void write() throws Exception {
      if (random.nextInt(3) > 0) {
        byte[] key = key();
        byte[] value = value();
        db.put(key, value, options());
        model.put(key, value);
        return;
      }
      try (WriteBatch batch = db.createWriteBatch()) {
        for (int i = random.nextInt(8); i >= 0; i--) {
          byte[] key = key();
          if (random.nextBoolean()) {
            batch.delete(key);
            model.remove(key);
          } else {
            byte[] value = value();
            batch.put(key, value);
            model.put(key, value);
          }
        }
        db.write(batch, options());
      }
    }

    private void flood() throws Exception {
      for (int i = 0; i < 20; i++) {
        write();
      }
    }

    private void get() {
      byte[] key = key();
      assertThat(db.get(key)).isEqualTo(model.get(key));
      if (snapshot != null) {
        assertThat(db.get(key, new ReadOptions().snapshot(snapshot))).isEqualTo(then.get(key));
      }
    }

    private void walk() throws Exception {
      boolean old = snapshot != null && random.nextBoolean();
      NavigableMap<byte[], byte[]> expected = old ? then : model;
      ReadOptions options = old ? new ReadOptions().snapshot(snapshot) : new ReadOptions();
      try (DBIterator iterator = db.iterator(options)) {
        new IteratorWalk(iterator, expected, "walk").run(random, random.nextInt(60), this::key);
      }
    }

    private static void assertSame(Map.Entry<byte[], byte[]> row, Map.Entry<byte[], byte[]> is) {
      assertThat(row.getKey()).isEqualTo(is.getKey());
      assertThat(row.getValue()).isEqualTo(is.getValue());
    }

    private void takeSnapshot() throws Exception {
      if (snapshot != null) {
        snapshot.close();
      }
      snapshot = db.getSnapshot();
      then = new TreeMap<>(model);
    }

    private void reopen() throws Exception {
      if (snapshot != null) {
        snapshot.close();
        snapshot = null;
      }
      db.close();
      db = opener.open();
    }

    private void compareAll() throws Exception {
      try (DBIterator iterator = db.iterator()) {
        iterator.seekToFirst();
        for (Map.Entry<byte[], byte[]> row : model.entrySet()) {
          assertSame(iterator.next(), row);
        }
        assertThat(iterator.hasNext()).isFalse();
      }
    }
  }
}

package io.divan.storage.leveldb.lsm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.ReferenceAdapter;
import io.divan.storage.lease.Leases;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.WriteOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the memory that many databases of a process use together. */
class LsmMemoryTest {
  private static final WriteOptions SYNC = new WriteOptions().sync(true);
  private static final int ALL = 300_000;
  private static final int ROW = 1_000;
  private static final int ROWS = 1_000;

  private final FaultyStore store =
      new FaultyStore(new ReferenceAdapter().create("d", transaction -> {}));
  private final UnwrittenChunks unwritten = new UnwrittenChunks(2);
  private final WriteBuffers buffers = new WriteBuffers(ALL / 2, ALL);
  private final LsmLevelDb lsm =
      new LsmLevelDb(
          Leases.Options.exclusive("here"),
          LsmLevelDb.Settings.defaults(),
          unwritten,
          (any, directory) -> directory);

  @AfterEach
  void close() {
    assertThat(buffers.bytes()).isZero();
    assertThat(unwritten.chunks()).isZero();
    buffers.close();
    lsm.close();
  }

  private LsmDb open(int number) {
    return lsm.openDb(store, "db" + number, new Options(), Optional.of(buffers));
  }

  private static byte[] key(int i) {
    return ("k" + i).getBytes(UTF_8);
  }

  @Test
  void put_manyDatabases_shareOneLimit() {
    List<LsmDb> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(open(i));
    }
    try {
      for (int row = 0; row < ROWS; row++) {
        for (LsmDb db : all) {
          db.put(key(row), new byte[ROW], SYNC);
          assertThat(buffers.bytes()).isLessThan(ALL + 2 * ROW);
        }
      }
    } finally {
      all.forEach(LsmDb::close);
    }
    for (int i = 0; i < all.size(); i++) {
      try (LsmDb db = open(i)) {
        for (int row = 0; row < ROWS; row += 9) {
          assertThat(db.get(key(row))).hasSize(ROW);
        }
      }
    }
  }

  @Test
  void flush_chunksOverTheLimit_areWrittenAtOnce() {
    UnwrittenChunks.Share other = unwritten.share();
    try (LsmDb db = lsm.openDb(store, "db", new Options(), Optional.empty())) {
      other.set(3);
      for (int row = 0; row < ROWS; row++) {
        db.put(key(row), new byte[ROW / 10]);
      }
      int before = store.writes();
      db.compactRange(key(0), key(ROWS));
      assertThat(store.writes() - before)
          .as("the rest of the log, a chunk of the SST file, its rest, the manifest")
          .isEqualTo(4);
      assertThat(unwritten.chunks()).isEqualTo(3);
      assertThat(db.get(key(ROWS - 1))).hasSize(ROW / 10);
    }
    other.set(0);
  }
}

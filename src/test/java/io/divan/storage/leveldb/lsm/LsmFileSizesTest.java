package io.divan.storage.leveldb.lsm;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.LevelDbEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the sizes of SST files, in the library and in the backend. */
class LsmFileSizesTest {
  private static final Table T = new Table(30, "rows");
  private static final int TABLE_BYTES = 2 << 20;

  /** An SST file ends after the block that fills it; its filter and index follow. */
  private static final int OVER_BYTES = 128 << 10;

  private static final int ROWS = 12_000;
  private static final int ROW_BYTES = 1_000;

  @TempDir Path directory;

  private final LsmLevelDb lsm =
      new LsmLevelDb(Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults());

  @AfterEach
  void close() {
    lsm.close();
  }

  /** Returns the numbers in an order that makes SST files overlap. */
  private static List<Integer> numbers() {
    List<Integer> numbers = new ArrayList<>(IntStream.range(0, ROWS).boxed().toList());
    Collections.shuffle(numbers, new Random(9));
    return numbers;
  }

  private static byte[] key(int number) {
    return new byte[] {(byte) (number >> 8), (byte) number};
  }

  private static byte[] value(int number) {
    byte[] value = new byte[ROW_BYTES];
    new Random(number).nextBytes(value);
    return value;
  }

  private static void fill(DB db) {
    for (int number : numbers()) {
      db.put(key(number), value(number));
    }
  }

  private static List<Long> tables(Store store, String path) {
    return FileRow.readAll(store, path).entrySet().stream()
        .filter(file -> file.getKey().endsWith(".ldb"))
        .map(Map.Entry::getValue)
        .map(FileRow::length)
        .toList();
  }

  /** All have 2 MB except the last one, which has the rest. */
  private static void assertCompacted(List<Long> tables) {
    assertThat(tables).hasSize(ROWS * ROW_BYTES / TABLE_BYTES + 1);
    assertThat(tables).allMatch(bytes -> bytes < TABLE_BYTES + OVER_BYTES);
    assertThat(tables.stream().filter(bytes -> bytes < TABLE_BYTES)).hasSize(1);
  }

  private static void assertRows(DB db) {
    try (DBIterator rows = db.iterator()) {
      for (int number = 0; number < ROWS; number++) {
        Map.Entry<byte[], byte[]> row = rows.next();
        assertThat(row.getKey()).isEqualTo(key(number));
        assertThat(row.getValue()).isEqualTo(value(number));
      }
      assertThat(rows.hasNext()).isFalse();
    }
  }

  @Test
  void library_compacted_hasFilesOf2Mb() throws Exception {
    Store store = new ReferenceAdapter().create("d", transaction -> {});
    try (DB db = lsm.open(store, "db", new Options())) {
      fill(db);
      db.compactRange(null, null);
      assertRows(db);
    }
    assertCompacted(tables(store, "db"));
  }

  @Test
  void library_inDirectory_hasFilesOf2Mb() throws Exception {
    try (DB db = LsmLevelDb.open(directory.resolve("db"), new Options())) {
      fill(db);
      db.compactRange(null, null);
      assertRows(db);
    }
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      assertCompacted(
          files
              .filter(file -> file.toString().endsWith(".ldb"))
              .map(file -> file.toFile().length())
              .toList());
    }
  }

  /** A memtable, about 6 MB, is flushed to a single file; compacted files have 2 MB each. */
  @Test
  void backend_compacted_hasFilesOf2MbInsteadOfMemtableSize() throws Exception {
    ReferenceAdapter base = new ReferenceAdapter();
    try (StorageAdapter adapter = Backend.over(base)) {
      Store store = adapter.create("a", transaction -> {});
      List<Integer> numbers = numbers();
      for (int from = 0; from < ROWS; from += 500) {
        List<Integer> part = numbers.subList(from, from + 500);
        store.write(
            transaction -> {
              part.forEach(number -> transaction.put(T, key(number), value(number)));
              return part.size();
            });
      }
    }
    try (StorageAdapter again = base.reopened();
        LevelDbEngine engine =
            LsmEngine.inStores(
                Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults())) {
      Store store = again.open("a");
      assertThat(tables(store, "db")).allMatch(bytes -> bytes > 4_000_000 && bytes < 7_000_000);
      LevelDbEngine.Owned owned = engine.open(store);
      owned.db().compactRange(null, null);
      owned.db().close();
      assertCompacted(tables(store, "db"));
    }
  }
}

package io.divan.storage.leveldb.lsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.ApiEngine;
import io.divan.storage.leveldb.LevelDbAdapter;
import io.divan.storage.leveldb.LevelDbEngine;
import io.divan.storage.redb.FullRedb;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The backend on a disk without space: over redb files, and in directories. */
@Timeout(120)
class LevelDbFullDiskTest {
  private static final Table T = new Table(30, "rows");
  private static final int VALUE_BYTES = 20_000;

  @TempDir Path directory;

  enum Engine {
    API,
    LSM,
    LSM_IN_DIRECTORIES
  }

  private final FullDisk directories = new FullDisk();

  private StorageAdapter adapter(FullRedb redb, Engine engine) {
    return new LevelDbAdapter(
        redb.open(),
        engine(engine),
        LevelDbAdapter.Options.defaults(),
        TransactionListener.NONE);
  }

  private LevelDbEngine engine(Engine engine) {
    return switch (engine) {
      case API -> ApiEngine.exclusive();
      case LSM ->
          LsmEngine.inStores(Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults());
      case LSM_IN_DIRECTORIES ->
          LsmEngine.inDirectories(directory.resolve("directories"), directories);
    };
  }

  private static byte[] key(int number) {
    return new byte[] {(byte) (number >> 8), (byte) number};
  }

  private static void put(Store store, int number) {
    store.write(
        transaction -> {
          transaction.put(T, key(number), new byte[VALUE_BYTES]);
          return number;
        });
  }

  private static boolean has(Store store, int number) {
    return store.<Boolean>read(transaction -> transaction.get(T, key(number)).isPresent());
  }

  private static void assertRows(Store store, int rows) {
    for (int i = 0; i < rows; i++) {
      assertThat(has(store, i)).as("row " + i).isTrue();
    }
    assertThat(has(store, rows)).as("what was refused").isFalse();
  }

  /** Rows from a number on, until there is no space; the number of the row that was refused. */
  private static int fill(Store store, int from) {
    int next = from;
    while (true) {
      try {
        put(store, next);
        next++;
      } catch (StorageException e) {
        assertThat(e).isInstanceOf(StorageException.StoreFull.class);
        return next;
      }
    }
  }

  /** The more space is left, the more of the engine's work it ends in the middle of. */
  @ParameterizedTest
  @CsvSource({
    "API, 3000000", "LSM, 0", "LSM, 6000000", "LSM, 15000000",
    "LSM_IN_DIRECTORIES, 0", "LSM_IN_DIRECTORIES, 9002007"
  })
  void write_diskIsFull_isRefusedUntilThereIsSpaceAndReadsGoOn(Engine engine, long bytesLeft) {
    FullRedb redb = new FullRedb(directory);
    int rows = 1;
    try (StorageAdapter adapter = adapter(redb, engine)) {
      Store store = adapter.create("a", transaction -> {});
      put(store, 0);
      redb.leave(bytesLeft);
      directories.leave(bytesLeft);
      int refused = fill(store, rows);
      for (int i = 0; i < 3; i++) {
        assertRows(store, refused);
        assertThatThrownBy(() -> put(store, refused))
            .isInstanceOf(StorageException.StoreFull.class);
      }

      redb.makeSpace();
      directories.makeSpace();
      await()
          .ignoreExceptionsInstanceOf(StorageException.class)
          .untilAsserted(() -> put(store, refused));
      rows = refused + 1;
      while (rows < refused + 100) {
        put(store, rows++);
      }
      assertRows(store, rows);
    }
    try (StorageAdapter adapter = adapter(redb, engine)) {
      assertRows(adapter.open("a"), rows);
      redb.leave(0);
      directories.leave(0);
      adapter.delete("a");
      assertThat(adapter.list(NameRange.all())).isEmpty();
    } finally {
      redb.makeSpace();
    }
  }

  /** What is looked for is larger than what is there: the database stays open for its readers. */
  @ParameterizedTest
  @EnumSource(names = {"LSM", "LSM_IN_DIRECTORIES"})
  void write_tooLittleSpaceToOpenAnew_readsGoOn(Engine engine) {
    FullRedb redb = new FullRedb(directory);
    try (StorageAdapter adapter = adapter(redb, engine)) {
      Store store = adapter.create("a", transaction -> {});
      put(store, 0);
      redb.leave(0);
      directories.leave(0);
      int refused = fill(store, 1);
      redb.leave(4_000_000);
      directories.leave(4_000_000);
      await()
          .during(Duration.ofMillis(1_500)) // it looks for space each second
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> {
                assertThatThrownBy(() -> put(store, refused))
                    .isInstanceOf(StorageException.StoreFull.class);
                directories.leave(4_000_000);
                assertRows(store, refused);
              });
    } finally {
      redb.makeSpace();
    }
  }

  /** Opening needs space: it writes out what the log has. */
  @ParameterizedTest
  @EnumSource(names = {"LSM", "LSM_IN_DIRECTORIES"})
  void open_diskIsFull_isRefusedUntilThereIsSpace(Engine engine) {
    FullRedb redb = new FullRedb(directory);
    int refused;
    try (StorageAdapter adapter = adapter(redb, engine)) {
      Store store = adapter.create("a", transaction -> {});
      put(store, 0);
      redb.leave(20_000_000);
      directories.leave(20_000_000);
      refused = fill(store, 1);
      redb.leave(0);
      directories.leave(0);
    }
    try (StorageAdapter adapter = adapter(redb, engine)) {
      Store store = adapter.open("a");
      long before = usedBytes();
      for (int i = 0; i < 100; i++) {
        assertThatThrownBy(() -> has(store, 0)).isInstanceOf(StorageException.StoreFull.class);
        assertThatThrownBy(() -> put(store, 0)).isInstanceOf(StorageException.StoreFull.class);
      }
      assertThat(usedBytes() - before).as("left behind").isLessThan(100_000_000);
      redb.makeSpace();
      directories.makeSpace();
      await()
          .ignoreExceptionsInstanceOf(StorageException.class)
          .untilAsserted(() -> assertRows(store, refused));
    } finally {
      redb.makeSpace();
    }
  }

  private static long usedBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}

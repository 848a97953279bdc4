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

/** Tests the backend on a full disk, with redb files and in directories. */
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
    assertThat(has(store, rows)).as("the rejected row").isFalse();
  }

  /** Puts rows from a number on until the disk is full; returns the number of the rejected row. */
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

  /**
   * With different amounts of space, the disk becomes full during different operations of LevelDB.
   */
  @ParameterizedTest
  @CsvSource({
    "API, 3000000", "LSM, 0", "LSM, 6000000", "LSM, 15000000",
    "LSM_IN_DIRECTORIES, 0", "LSM_IN_DIRECTORIES, 9002007"
  })
  void write_fullDisk_isRejectedUntilThereIsSpaceAndReadsContinue(Engine engine, long bytesLeft) {
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

  /** The space test needs more than is available: the database stays open for readers. */
  @ParameterizedTest
  @EnumSource(names = {"LSM", "LSM_IN_DIRECTORIES"})
  void write_tooLittleSpaceToReopen_readsContinue(Engine engine) {
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
          .during(Duration.ofMillis(1_500)) // it tests for space once a second
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

  /** Opening needs space because it flushes the log. */
  @ParameterizedTest
  @EnumSource(names = {"LSM", "LSM_IN_DIRECTORIES"})
  void open_fullDisk_isRejectedUntilThereIsSpace(Engine engine) {
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

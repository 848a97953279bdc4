package io.divan.storage.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.storage.NameRange;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the contract does not ask: files, stamps, checkpoints, what is open. */
@Timeout(60)
class SqliteFileAdapterTest {
  private static final Table T = new Table(30, "rows");

  @TempDir Path directory;

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));
  private final List<TransactionListener.Report> reports =
      Collections.synchronizedList(new ArrayList<>());

  private SqliteFileAdapter open() {
    return open(200, Duration.ofSeconds(60), 4_000_000, 256_000_000);
  }

  private SqliteFileAdapter open(
      int openStoresMax, Duration idleMax, long checkpointBytes, long logBytesMax) {
    InstantSource clock = now::get;
    return new SqliteFileAdapter(
        new SqliteFileAdapter.Options(
            directory, 4, 2, openStoresMax, idleMax, checkpointBytes, logBytesMax, clock),
        reports::add);
  }

  private static Versionstamp put(Store store, int key, byte[] value) {
    return store
        .write(
            t -> {
              t.put(T, key(key), value);
              return 0;
            })
        .versionstamp()
        .orElseThrow();
  }

  private static byte[] key(int key) {
    return new byte[] {(byte) (key >> 8), (byte) key};
  }

  private static boolean has(Store store, int key) {
    return store.read(t -> t.get(T, key(key)).isPresent());
  }

  private Path file(String name) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().matches(name + "~[0-9a-f]{8}\\.sqlite"))
          .findFirst()
          .orElseThrow();
    }
  }

  private List<String> fileNames() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void open_directoryInUse_isRefused() {
    try (SqliteFileAdapter adapter = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(StorageException.StoreUnavailable.class)
          .hasMessageContaining("Another process uses " + directory);
      adapter.checkHealth();
    }
    open().close();
  }

  @Test
  void open_leftovers_areSwept() throws IOException {
    try (SqliteFileAdapter adapter = open()) {
      adapter.create("kept", t -> {});
    }
    for (String leftover :
        List.of(
            "a~00000001.sqlite.new",
            "a~00000001.sqlite.new-wal",
            "a~00000001.sqlite.new-shm",
            "a~00000001.sqlite.new-journal",
            "b~00000002.sqlite.deleted",
            "b~00000002.sqlite-wal",
            "b~00000002.sqlite-shm")) {
      Files.write(directory.resolve(leftover), new byte[10]);
    }
    Files.write(directory.resolve("readme.txt"), new byte[10]);

    try (SqliteFileAdapter adapter = open()) {
      assertThat(adapter.list(NameRange.all())).containsExactly("kept");
    }

    assertThat(fileNames())
        .containsExactly(
            "divan.lock", file("kept").getFileName().toString(), "readme.txt", "system.sqlite");
  }

  @Test
  void create_workThrows_leavesNoFile() throws IOException {
    try (SqliteFileAdapter adapter = open()) {
      List<String> before = fileNames();
      assertThatThrownBy(
              () ->
                  adapter.create(
                      "a",
                      t -> {
                        t.put(T, key(1), new byte[1]);
                        throw new IllegalArgumentException("mine");
                      }))
          .hasMessage("mine");
      assertThat(fileNames()).isEqualTo(before);
    }
  }

  @Test
  void delete_removesEveryFileOfTheDatabase() throws IOException {
    try (SqliteFileAdapter adapter = open()) {
      put(adapter.create("a", t -> {}), 1, new byte[1]);
      adapter.delete("a");
      assertThat(fileNames()).noneMatch(name -> name.startsWith("a~"));
    }
  }

  @Test
  void create_pagesAre16KilobytesInWriteAheadMode() throws IOException {
    try (SqliteFileAdapter adapter = open()) {
      adapter.create("a", t -> {});
      byte[] header = Files.readAllBytes(file("a"));
      assertThat((header[16] & 0xFF) << 8 | header[17] & 0xFF).isEqualTo(16_384);
      assertThat(header[18]).isEqualTo((byte) 2);
    }
  }

  @Test
  void open_newerFormat_isRefusedInOneSentence() {
    try (SqliteFileAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      store.write(
          t -> {
            ((SqliteWriteTransaction) t).write(EngineRows.FORMAT, 99);
            return 0;
          });
    }
    try (SqliteFileAdapter adapter = open()) {
      assertThatThrownBy(() -> has(adapter.open("a"), 1))
          .isInstanceOf(StorageException.StoreUnavailable.class)
          .hasMessageContaining("has format 99, this version of Divan knows formats up to 1");
    }
  }

  @Test
  void open_notADatabase_isCorruptAndCanBeDeleted() throws IOException {
    byte[] noise = new byte[50_000];
    new Random(1).nextBytes(noise);
    Files.write(directory.resolve("a~00000001.sqlite"), noise);
    try (SqliteFileAdapter adapter = open()) {
      Store store = adapter.open("a");
      assertThatThrownBy(() -> has(store, 1))
          .isInstanceOfSatisfying(
              StorageException.StoreCorrupt.class,
              e -> assertThat(e.file()).endsWith("a~00000001.sqlite"));
      adapter.delete("a");
      assertThat(adapter.list(NameRange.all())).isEmpty();
    }
  }

  @Test
  void stamps_clockGoesBack_stillGrow() {
    Versionstamp first;
    Versionstamp second;
    try (SqliteFileAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      first = put(store, 1, new byte[1]);
      assertThat(first.version())
          .isGreaterThanOrEqualTo(now.get().getEpochSecond() * 1_000_000);
      now.set(now.get().minusSeconds(1_000));
      second = put(store, 2, new byte[1]);
      assertThat(second).isGreaterThan(first);
    }
    try (SqliteFileAdapter adapter = open()) {
      Versionstamp third = put(adapter.open("a"), 3, new byte[1]);
      assertThat(third).isGreaterThan(second);
      adapter.delete("a");
      assertThat(put(adapter.create("b", t -> {}), 1, new byte[1])).isGreaterThan(third);
      second = put(adapter.create("a", t -> {}), 1, new byte[1]);
      assertThat(second).isGreaterThan(third);
      adapter.delete("a");
      adapter.delete("b");
    }
    try (SqliteFileAdapter adapter = open()) {
      assertThat(put(adapter.create("a", t -> {}), 1, new byte[1])).isGreaterThan(second);
    }
  }

  @Test
  void idle_filesAreClosedAndOpenedAgain() throws IOException {
    try (SqliteFileAdapter adapter = open(200, Duration.ofMillis(20), 4_000_000, 256_000_000)) {
      Store store = adapter.create("a", t -> {});
      put(store, 1, new byte[1]);

      await().until(() -> adapter.openStores() == 0);

      assertThat(fileNames()).noneMatch(name -> name.endsWith("-wal"));
      assertThat(has(store, 1)).isTrue();
      put(store, 2, new byte[1]);
      assertThat(has(store, 2)).isTrue();
    }
  }

  @Test
  void open_moreStoresThanStayOpen_leastRecentlyUsedIsClosed() {
    try (SqliteFileAdapter adapter = open(3, Duration.ofSeconds(60), 4_000_000, 256_000_000)) {
      List<Store> stores = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        stores.add(adapter.create("db" + i, t -> {}));
      }
      for (int round = 0; round < 3; round++) {
        for (Store store : stores) {
          put(store, round, new byte[1]);
          assertThat(adapter.openStores()).isLessThanOrEqualTo(3);
        }
      }
      for (Store store : stores) {
        assertThat(has(store, 0) && has(store, 1) && has(store, 2)).isTrue();
      }
    }
  }

  @Test
  void checkpoint_logGrows_isCopiedIntoTheFile() throws IOException {
    try (SqliteFileAdapter adapter = open(200, Duration.ofSeconds(60), 200_000, 256_000_000)) {
      Store store = adapter.create("a", t -> {});
      Path file = file("a");
      long before = Files.size(file);
      for (int i = 0; i < 40; i++) {
        put(store, i, new byte[10_000]);
      }
      await().until(() -> Files.size(file) >= before + 200_000);
    }
  }

  @Test
  void checkpoint_logAtItsLimit_isCut() throws IOException {
    try (SqliteFileAdapter adapter = open(200, Duration.ofSeconds(60), 200_000, 1_000_000)) {
      Store store = adapter.create("a", t -> {});
      Path log = Path.of(file("a") + "-wal");
      // Keeps readers in the log, so that it is not started over by itself.
      for (int i = 0; i < 5; i++) {
        try (Snapshot snapshot = store.openSnapshot()) {
          for (int j = 0; j < 10; j++) {
            put(store, i * 10 + j, new byte[50_000]);
          }
          assertThat(snapshot.get(T, key(i * 10))).isEmpty();
        } catch (StorageException.SnapshotTooOld e) {
          // It kept the log longer than the log's limit allows.
        }
      }
      AtomicInteger next = new AtomicInteger(1_000);
      await()
          .until(
              () -> {
                for (int i = 0; i < 20; i++) { // beyond the limit, so that a commit asks for it
                  put(store, next.getAndIncrement(), new byte[50_000]);
                }
                return Files.size(log) < 2_000_000;
              });
    }
  }

  @Test
  void checkpoint_snapshotKeepsTheLog_snapshotEnds() {
    try (SqliteFileAdapter adapter = open(200, Duration.ofSeconds(60), 200_000, 1_000_000)) {
      Store store = adapter.create("a", t -> {});
      Snapshot snapshot = store.openSnapshot();
      int writes = 0;
      while (!tooOld(snapshot)) {
        byte[] value = new byte[90_000];
        Arrays.fill(value, (byte) ++writes); // SQLite writes nothing where nothing changes
        put(store, 1, value);
        assertThat(writes).isLessThan(10_000);
      }
    }
  }

  private static boolean tooOld(Snapshot snapshot) {
    try {
      snapshot.get(T, key(1));
      return false;
    } catch (StorageException.SnapshotTooOld e) {
      return true;
    }
  }

  @Test
  void openSnapshot_moreThanTheLimit_isRefused() {
    try (SqliteFileAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      List<Snapshot> snapshots = new ArrayList<>();
      for (int i = 0; i < SqliteStore.SNAPSHOTS_MAX; i++) {
        snapshots.add(store.openSnapshot());
      }
      assertThatThrownBy(store::openSnapshot)
          .isInstanceOf(StorageException.StoreUnavailable.class);
      snapshots.forEach(Snapshot::close);
      store.openSnapshot().close();
    }
  }

  @Test
  void read_callsItsStorage_throws() {
    try (SqliteFileAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      assertThatThrownBy(() -> store.read(t -> has(store, 1)))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> store.write(t -> put(store, 1, new byte[1])))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void transactions_finished_areReported() {
    try (SqliteFileAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      reports.clear();
      put(store, 1, new byte[100]);
      has(store, 1);
      assertThatThrownBy(() -> store.read(t -> Optional.empty().orElseThrow()))
          .isInstanceOf(RuntimeException.class);

      assertThat(reports)
          .extracting(TransactionListener.Report::kind)
          .containsExactly(
              TransactionListener.Kind.WRITE,
              TransactionListener.Kind.READ,
              TransactionListener.Kind.READ);
      assertThat(reports)
          .extracting(TransactionListener.Report::outcome)
          .containsExactly(
              TransactionListener.Outcome.DONE,
              TransactionListener.Outcome.DONE,
              TransactionListener.Outcome.ROLLED_BACK);
      assertThat(reports.getFirst().bytes()).isEqualTo(100 + 3 * 2 + 64);
      assertThat(reports).allMatch(report -> report.attempts() == 1 && report.groupSize() == 1);
    }
  }
}

package io.divan.storage.sqlite;

import static io.divan.storage.Capabilities.openSnapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.storage.Snapshot;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.TransactionListener;
import io.divan.storage.WriteTransaction;
import io.divan.storage.embedded.FileAdapterTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Also tests checkpoints. */
class SqliteFileAdapterTest extends FileAdapterTest {
  private static final Duration MINUTE = Duration.ofSeconds(60);

  @Override
  protected SqliteFileAdapter open(int openStoresMax, Duration idleMax) {
    return open(openStoresMax, idleMax, 4_000_000, 256_000_000);
  }

  private SqliteFileAdapter open(
      int openStoresMax, Duration idleMax, long checkpointBytes, long logBytesMax) {
    return new SqliteFileAdapter(
        new SqliteFileAdapter.Options(
            directory, 4, 2, openStoresMax, idleMax, checkpointBytes, logBytesMax, now::get),
        reports::add);
  }

  @Override
  protected int openStores(StorageAdapter adapter) {
    return ((SqliteFileAdapter) adapter).openStores();
  }

  @Override
  protected String extension() {
    return "sqlite";
  }

  @Override
  protected List<String> companions() {
    return List.of("-wal", "-shm", "-journal");
  }

  @Override
  protected void writeFormat(WriteTransaction transaction, long format) {
    ((SqliteWriteTransaction) transaction).write(SqliteFileRows.FORMAT, format);
  }

  @Test
  void create_file_has16KilobytePagesAndAWriteAheadLog() throws IOException {
    try (StorageAdapter adapter = open()) {
      adapter.create("a", t -> {});
      byte[] header = Files.readAllBytes(file("a"));
      assertThat((header[16] & 0xFF) << 8 | header[17] & 0xFF).isEqualTo(16_384);
      assertThat(header[18]).isEqualTo((byte) 2);
    }
  }

  @Test
  void checkpoint_logGrows_isCopiedIntoTheFile() throws IOException {
    try (SqliteFileAdapter adapter = open(200, MINUTE, 200_000, 256_000_000)) {
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
  void checkpoint_logAtItsLimit_isTruncated() throws IOException {
    try (SqliteFileAdapter adapter = open(200, MINUTE, 200_000, 1_000_000)) {
      Store store = adapter.create("a", t -> {});
      Path log = Path.of(file("a") + "-wal");
      // An open snapshot keeps the log in use, so SQLite does not restart it.
      for (int i = 0; i < 5; i++) {
        try (Snapshot snapshot = openSnapshot(store)) {
          for (int j = 0; j < 10; j++) {
            put(store, i * 10 + j, new byte[50_000]);
          }
          assertThat(snapshot.get(T, key(i * 10))).isEmpty();
        } catch (StorageException.SnapshotTooOld e) {
          // The snapshot has kept more than the log's limit.
        }
      }
      AtomicInteger next = new AtomicInteger(1_000);
      await()
          .until(
              () -> {
                for (int i = 0; i < 20; i++) { // exceeds the limit, so a commit requests truncation
                  put(store, next.getAndIncrement(), new byte[50_000]);
                }
                return Files.size(log) < 2_000_000;
              });
    }
  }

  @Test
  void checkpoint_snapshotKeepsTheLog_endsTheSnapshot() {
    try (SqliteFileAdapter adapter = open(200, MINUTE, 200_000, 1_000_000)) {
      Store store = adapter.create("a", t -> {});
      Snapshot snapshot = openSnapshot(store);
      int writes = 0;
      while (!tooOld(snapshot)) {
        byte[] value = new byte[90_000];
        Arrays.fill(value, (byte) ++writes); // SQLite does not write unchanged pages
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
  void read_callsItsStorage_throws() {
    try (StorageAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      assertThatThrownBy(() -> store.read(t -> has(store, 1)))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void open_questionMarkInPath_saysToRename() {
    Path odd = directory.resolve("what?");
    assertThatThrownBy(
        () -> new SqliteFileAdapter(SqliteFileAdapter.Options.of(odd), TransactionListener.NONE))
        .isInstanceOf(StorageException.StoreUnusable.class)
        .hasMessageContaining("question mark: rename " + odd);
  }
}

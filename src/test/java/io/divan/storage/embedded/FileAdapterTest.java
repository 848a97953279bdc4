package io.divan.storage.embedded;

import static io.divan.storage.Capabilities.openSnapshot;
import static io.divan.storage.Capabilities.shrink;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.storage.NameRange;
import io.divan.storage.Range;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the contract does not ask of adapters that have a file for each database: files, stamps,
 * what is open.
 */
@Timeout(60)
public abstract class FileAdapterTest {
  protected static final Table T = new Table(30, "rows");

  @TempDir protected Path directory;

  protected final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));
  protected final List<TransactionListener.Report> reports =
      Collections.synchronizedList(new ArrayList<>());

  @Test
  void open_twoFilesOfOneDatabase_namesBothAndSaysWhatToDo() throws IOException {
    try (StorageAdapter adapter = open()) {
      adapter.create("places", t -> {});
    }
    Path first;
    try (Stream<Path> files = Files.list(directory)) {
      first = files.filter(file -> file.getFileName().toString().startsWith("places~"))
          .findFirst()
          .orElseThrow();
    }
    Path second = directory.resolve("places~00000000." + extension());
    Files.copy(first, second);

    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            StorageException.StoreUnusable.class,
            e -> assertThat(e.reason())
                .isEqualTo("The database places has two files: move one of them away"))
        .hasMessageContaining(first.getFileName().toString())
        .hasMessageContaining(second.getFileName().toString());
    Files.delete(second);
    try (StorageAdapter adapter = open()) {
      assertThat(adapter.list(NameRange.all())).containsExactly("places");
    }
  }

  /** An adapter of the directory that tells {@link #reports} and the time by {@link #now}. */
  protected abstract StorageAdapter open(int openStoresMax, Duration idleMax);

  /** How many stores have files open. */
  protected abstract int openStores(StorageAdapter adapter);

  /** What names of files end with, without a dot. */
  protected abstract String extension();

  /** What the engine adds to a file's name for what it keeps beside it. */
  protected abstract List<String> companions();

  /** Writes into a file what its format is. */
  protected abstract void writeFormat(WriteTransaction transaction, long format);

  /** The same with what a service does. */
  protected final StorageAdapter open() {
    return open(200, Duration.ofSeconds(60));
  }

  protected static Versionstamp put(Store store, int key, byte[] value) {
    return store
        .write(
            t -> {
              t.put(T, key(key), value);
              return 0;
            })
        .versionstamp()
        .orElseThrow();
  }

  protected static byte[] key(int key) {
    return new byte[] {(byte) (key >> 8), (byte) key};
  }

  protected static boolean has(Store store, int key) {
    return store.read(t -> t.get(T, key(key)).isPresent());
  }

  /** The file of a database. */
  protected final Path file(String name) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().matches(name + "~[0-9a-f]{8}\\.[a-z]+"))
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
    try (StorageAdapter adapter = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(StorageException.StoreUnavailable.class)
          .hasMessageContaining("Another process uses " + directory);
      adapter.checkHealth();
    }
    open().close();
  }

  @Test
  void open_leftovers_areSwept() throws IOException {
    try (StorageAdapter adapter = open()) {
      adapter.create("kept", t -> {});
    }
    String unfinished = "a~00000001." + extension() + ".new";
    String gone = "b~00000002." + extension();
    List<String> leftovers = new ArrayList<>(List.of(unfinished, gone + ".deleted"));
    for (String companion : companions()) {
      leftovers.add(unfinished + companion);
      leftovers.add(gone + companion);
    }
    List<String> others = List.of("c~00000003.other.new", "readme.txt");
    for (String file : Stream.concat(leftovers.stream(), others.stream()).toList()) {
      Files.write(directory.resolve(file), new byte[10]);
    }

    try (StorageAdapter adapter = open()) {
      assertThat(adapter.list(NameRange.all())).containsExactly("kept");
    }

    assertThat(fileNames())
        .containsExactlyInAnyOrder(
            "c~00000003.other.new",
            "divan.lock",
            file("kept").getFileName().toString(),
            "readme.txt",
            "system." + extension());
  }

  @Test
  void create_workThrows_leavesNoFile() throws IOException {
    try (StorageAdapter adapter = open()) {
      List<String> before = fileNames();
      assertThatThrownBy(
          () -> adapter.create(
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
  @EnabledOnOs(OS.LINUX)
  void delete_fileInUse_isGoneAndClosed() throws IOException {
    try (StorageAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      put(store, 1, new byte[1]);
      Snapshot snapshot = openSnapshot(store);
      adapter.delete("a");
      assertThat(fileNames()).noneMatch(name -> name.startsWith("a~"));
      assertThat(openFiles()).as("whose space is not given back").isEmpty();
      assertThatThrownBy(() -> snapshot.get(T, key(1)))
          .isInstanceOf(StorageException.DatabaseNotFound.class);
    }
  }

  /** The files of this directory that this process has open although they are deleted. */
  private List<String> openFiles() throws IOException {
    List<String> open = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith(directory.toString()) && target.endsWith("(deleted)")) {
            open.add(target);
          }
        } catch (IOException e) {
          // Closed meanwhile.
        }
      }
    }
    return open;
  }

  @Test
  void open_newerFormat_isRefusedInOneSentence() {
    try (StorageAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      store.write(
          t -> {
            writeFormat(t, 99);
            return 0;
          });
    }
    try (StorageAdapter adapter = open()) {
      assertThatThrownBy(() -> has(adapter.open("a"), 1))
          .isInstanceOf(StorageException.StoreUnusable.class)
          .hasMessageContaining("has format 99, this version of Divan knows formats up to 1");
    }
  }

  @Test
  void open_notADatabase_isCorruptAndCanBeDeleted() throws IOException {
    byte[] noise = new byte[50_000];
    new Random(1).nextBytes(noise);
    Files.write(directory.resolve("a~00000001." + extension()), noise);
    try (StorageAdapter adapter = open()) {
      Store store = adapter.open("a");
      assertThatThrownBy(() -> has(store, 1))
          .isInstanceOfSatisfying(
              StorageException.StoreCorrupt.class,
              e -> assertThat(e.file()).endsWith("a~00000001." + extension()));
      adapter.delete("a");
      assertThat(adapter.list(NameRange.all())).isEmpty();
    }
  }

  @Test
  void stamps_clockGoesBack_stillGrow() {
    Versionstamp first;
    Versionstamp second;
    try (StorageAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      first = put(store, 1, new byte[1]);
      assertThat(first.version())
          .isGreaterThanOrEqualTo(now.get().getEpochSecond() * 1_000_000);
      now.set(now.get().minusSeconds(1_000));
      second = put(store, 2, new byte[1]);
      assertThat(second).isGreaterThan(first);
    }
    try (StorageAdapter adapter = open()) {
      Versionstamp third = put(adapter.open("a"), 3, new byte[1]);
      assertThat(third).isGreaterThan(second);
      adapter.delete("a");
      assertThat(put(adapter.create("b", t -> {}), 1, new byte[1])).isGreaterThan(third);
      second = put(adapter.create("a", t -> {}), 1, new byte[1]);
      assertThat(second).isGreaterThan(third);
      adapter.delete("a");
      adapter.delete("b");
    }
    try (StorageAdapter adapter = open()) {
      assertThat(put(adapter.create("a", t -> {}), 1, new byte[1])).isGreaterThan(second);
    }
  }

  @Test
  void configVersion_ofAnOlderSnapshot_isItsOwn() {
    try (StorageAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      for (int i = 0; i < 3; i++) {
        try (Snapshot older = openSnapshot(store)) {
          Versionstamp before = store.read(t -> t.configVersion());
          store.write(
              t -> {
                t.bumpConfigVersion();
                return 0;
              });
          assertThat(older.configVersion()).isEqualTo(before);
          assertThat(store.<Versionstamp>read(t -> t.configVersion())).isGreaterThan(before);
        }
        put(store, i, new byte[1]);
      }
    }
  }

  @Test
  void idle_filesAreClosedAndOpenedAgain() throws IOException {
    try (StorageAdapter adapter = open(200, Duration.ofMillis(20))) {
      Store store = adapter.create("a", t -> {});
      put(store, 1, new byte[1]);

      await().until(() -> openStores(adapter) == 0);

      assertThat(fileNames())
          .as("nothing is left beside them")
          .containsExactly(
              file("a").getFileName().toString(), "divan.lock", "system." + extension());
      assertThat(has(store, 1)).isTrue();
      put(store, 2, new byte[1]);
      assertThat(has(store, 2)).isTrue();
    }
  }

  @Test
  void idle_snapshotOpen_staysOpen() {
    try (StorageAdapter adapter = open(1, Duration.ofMillis(20))) {
      Store store = adapter.create("a", t -> t.put(T, key(1), new byte[1]));
      try (Snapshot snapshot = openSnapshot(store)) {
        Store other = adapter.create("b", t -> {});
        put(other, 1, new byte[1]);
        assertThat(openStores(adapter)).isEqualTo(2);
        assertThat(snapshot.get(T, key(1))).isPresent();
      }
      await().until(() -> openStores(adapter) == 0);
    }
  }

  @Test
  void open_moreStoresThanStayOpen_leastRecentlyUsedIsClosed() {
    try (StorageAdapter adapter = open(3, Duration.ofSeconds(60))) {
      List<Store> stores = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        stores.add(adapter.create("db" + i, t -> {}));
      }
      for (int round = 0; round < 3; round++) {
        for (Store store : stores) {
          put(store, round, new byte[1]);
          assertThat(openStores(adapter)).isLessThanOrEqualTo(3);
        }
      }
      for (Store store : stores) {
        assertThat(has(store, 0) && has(store, 1) && has(store, 2)).isTrue();
      }
    }
  }

  @Test
  void openSnapshot_moreThanTheLimit_isRefused() {
    try (StorageAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      List<Snapshot> snapshots = new ArrayList<>();
      for (int i = 0; i < OpenSnapshots.MAX; i++) {
        snapshots.add(openSnapshot(store));
      }
      assertThatThrownBy(() -> openSnapshot(store))
          .isInstanceOf(StorageException.StoreUnavailable.class);
      snapshots.forEach(Snapshot::close);
      snapshots.forEach(Snapshot::close);
      openSnapshot(store).close();
    }
  }

  @Test
  void write_callsItsStorage_throws() {
    try (StorageAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      assertThatThrownBy(() -> store.write(t -> has(store, 1)))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> store.write(t -> put(store, 1, new byte[1])))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void transactions_finished_areReported() {
    try (StorageAdapter adapter = open()) {
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

  @Test
  void shrink_mostRowsRemoved_fileIsShorterAndWritersGoOn() throws IOException {
    try (StorageAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      int rows = 300;
      for (int i = 0; i < rows; i++) {
        put(store, i, new byte[90_000]);
      }
      int next = rows;
      store.write(t -> {
        t.deleteRange(Range.of(T, key(0), key(280)));
        return true;
      });
      int steps = 0;
      while (shrink(store)) {
        put(store, next++, new byte[10]);
        steps++;
      }
      assertThat(steps).isPositive();
      assertThat(shrink(store)).isFalse();
      for (int i = 0; i < next; i++) {
        assertThat(has(store, i)).isEqualTo(i >= 280);
      }
    }
    assertThat(Files.size(file("a"))).isBetween(1_800_000L, 8_000_000L);
    try (StorageAdapter adapter = open()) {
      assertThat(has(adapter.open("a"), 299)).isTrue();
    }
  }

  @Test
  void shrink_snapshotOpen_endsAndKeepsIt() {
    try (StorageAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      for (int i = 0; i < 40; i++) {
        put(store, i, new byte[90_000]);
      }
      try (Snapshot snapshot = openSnapshot(store)) {
        store.write(t -> {
          t.deleteRange(Range.of(T, key(0), key(39)));
          return true;
        });
        int steps = 0;
        while (shrink(store)) {
          assertThat(++steps).isLessThan(100);
        }
        for (int i = 0; i < 40; i++) {
          assertThat(snapshot.get(T, key(i))).isPresent();
        }
      }
    }
  }

  @Test
  void shrink_databaseDeleted_isNotFound() {
    try (StorageAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      adapter.delete("a");
      assertThatThrownBy(() -> shrink(store))
          .isInstanceOf(StorageException.DatabaseNotFound.class);
    }
  }
}

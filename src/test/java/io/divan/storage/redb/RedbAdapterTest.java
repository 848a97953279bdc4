package io.divan.storage.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.redb.ColumnType;
import io.divan.redb.Redb;
import io.divan.redb.TableDefinition;
import io.divan.redb.TableInfo;
import io.divan.redb.WriteTransaction;
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

/** What the contract does not ask: files, stamps, what is open. */
@Timeout(60)
class RedbAdapterTest {
  private static final Table T = new Table(30, "rows");

  @TempDir Path directory;

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));
  private final List<TransactionListener.Report> reports =
      Collections.synchronizedList(new ArrayList<>());

  private RedbAdapter open() {
    return open(200, Duration.ofSeconds(60));
  }

  private RedbAdapter open(int openStoresMax, Duration idleMax) {
    return new RedbAdapter(
        new RedbAdapter.Options(directory, 10_000_000, 2, openStoresMax, idleMax, now::get),
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
          .filter(file -> file.getFileName().toString().matches(name + "~[0-9a-f]{8}\\.redb"))
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
    try (RedbAdapter adapter = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(StorageException.StoreUnavailable.class)
          .hasMessageContaining("Another process uses " + directory);
      adapter.checkHealth();
    }
    open().close();
  }

  @Test
  void open_leftovers_areSwept() throws IOException {
    try (RedbAdapter adapter = open()) {
      adapter.create("kept", t -> {});
    }
    for (String leftover : List.of("a~00000001.redb.new", "b~00000002.redb.deleted")) {
      Files.write(directory.resolve(leftover), new byte[10]);
    }
    Files.write(directory.resolve("c~00000003.sqlite.new"), new byte[10]);

    try (RedbAdapter adapter = open()) {
      assertThat(adapter.list(NameRange.all())).containsExactly("kept");
    }

    assertThat(fileNames())
        .containsExactly(
            "c~00000003.sqlite.new",
            "divan.lock",
            file("kept").getFileName().toString(),
            "system.redb");
  }

  @Test
  void create_workThrows_leavesNoFile() throws IOException {
    try (RedbAdapter adapter = open()) {
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
  @EnabledOnOs(OS.LINUX)
  void delete_fileInUse_isGoneAndClosed() throws IOException {
    try (RedbAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      put(store, 1, new byte[1]);
      Snapshot snapshot = store.openSnapshot();
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
  void file_tables_areTheStoresAndOurOwn() throws IOException {
    try (RedbAdapter adapter = open()) {
      put(adapter.create("a", t -> {}), 1, new byte[] {7});
    }
    try (Redb redb = Redb.open(file("a"), Redb.Options.defaults());
        var read = redb.beginRead()) {
      assertThat(read.tables())
          .extracting(TableInfo::name, TableInfo::keyType, TableInfo::valueType)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple("divan-engine", "&[u8]", "&[u8]"),
              org.assertj.core.groups.Tuple.tuple("rows", "&[u8]", "&[u8]"));
      assertThat(read.open(TableDefinition.bytes("rows")).get(key(1)))
          .hasValue(new byte[] {7});
      var own = read.open(TableDefinition.bytes("divan-engine"));
      assertThat(EngineRow.FORMAT.read(own)).isEqualTo(1);
      assertThat(EngineRow.INCARNATION.read(own)).isNotZero();
      assertThat(EngineRow.STAMP.read(own))
          .isGreaterThan(now.get().getEpochSecond() * 1_000_000);
    }
  }

  @Test
  void open_newerFormat_isRefusedInOneSentence() {
    try (RedbAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      store.write(
          t -> {
            ((RedbWriteTransaction) t).write(EngineRow.FORMAT, 99);
            return 0;
          });
    }
    try (RedbAdapter adapter = open()) {
      assertThatThrownBy(() -> has(adapter.open("a"), 1))
          .isInstanceOf(StorageException.StoreUnavailable.class)
          .hasMessageContaining("has format 99, this version of Divan knows formats up to 1");
    }
  }

  @Test
  void open_notADatabase_isCorruptAndCanBeDeleted() throws IOException {
    byte[] noise = new byte[50_000];
    new Random(1).nextBytes(noise);
    Files.write(directory.resolve("a~00000001.redb"), noise);
    try (RedbAdapter adapter = open()) {
      Store store = adapter.open("a");
      assertThatThrownBy(() -> has(store, 1))
          .isInstanceOfSatisfying(
              StorageException.StoreCorrupt.class,
              e -> assertThat(e.file()).endsWith("a~00000001.redb"));
      adapter.delete("a");
      assertThat(adapter.list(NameRange.all())).isEmpty();
    }
  }

  private void rouchFile(Path file) {
    try (Redb redb = Redb.open(file, Redb.Options.defaults());
        WriteTransaction transaction = redb.beginWrite()) {
      transaction.open(new TableDefinition<>("docs", ColumnType.STRING, ColumnType.BYTES));
      transaction.commit();
    }
  }

  @Test
  void open_rouchFile_isRefusedInOneSentence() {
    Path named = directory.resolve("a~00000001.redb");
    Path plain = directory.resolve("b.redb");
    rouchFile(named);
    rouchFile(plain);
    try (RedbAdapter adapter = open()) {
      assertThat(adapter.list(NameRange.all())).containsExactly("a");
      assertThatThrownBy(() -> has(adapter.open("a"), 1))
          .isInstanceOf(StorageException.StoreUnavailable.class)
          .hasMessage(named + " is a RouchDB file: run import " + named + " --database NAME");
      assertThatThrownBy(() -> adapter.open("b"))
          .isInstanceOf(StorageException.StoreUnavailable.class)
          .hasMessage(plain + " is a RouchDB file: run import " + plain + " --database NAME");
      assertThatThrownBy(() -> adapter.open("system"))
          .isInstanceOf(StorageException.DatabaseNotFound.class);
      put(adapter.create("b", t -> {}), 1, new byte[1]);
      assertThat(has(adapter.open("b"), 1)).isTrue();
      assertThatThrownBy(() -> adapter.delete("a"))
          .isInstanceOf(StorageException.StoreUnavailable.class);
    }
    assertThat(named).exists();
    assertThat(plain).exists();
  }

  @Test
  void open_otherTables_isCorrupt() {
    Path file = directory.resolve("a~00000001.redb");
    try (Redb redb = Redb.open(file, Redb.Options.defaults())) {
      redb.checkIntegrity();
    }
    try (RedbAdapter adapter = open()) {
      assertThatThrownBy(() -> has(adapter.open("a"), 1))
          .isInstanceOf(StorageException.StoreCorrupt.class)
          .hasMessageContaining("This is not a database of Divan");
    }
  }

  @Test
  void stamps_clockGoesBack_stillGrow() {
    Versionstamp first;
    Versionstamp second;
    try (RedbAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      first = put(store, 1, new byte[1]);
      assertThat(first.version())
          .isGreaterThanOrEqualTo(now.get().getEpochSecond() * 1_000_000);
      now.set(now.get().minusSeconds(1_000));
      second = put(store, 2, new byte[1]);
      assertThat(second).isGreaterThan(first);
    }
    try (RedbAdapter adapter = open()) {
      Versionstamp third = put(adapter.open("a"), 3, new byte[1]);
      assertThat(third).isGreaterThan(second);
      adapter.delete("a");
      assertThat(put(adapter.create("b", t -> {}), 1, new byte[1])).isGreaterThan(third);
      second = put(adapter.create("a", t -> {}), 1, new byte[1]);
      assertThat(second).isGreaterThan(third);
      adapter.delete("a");
      adapter.delete("b");
    }
    try (RedbAdapter adapter = open()) {
      assertThat(put(adapter.create("a", t -> {}), 1, new byte[1])).isGreaterThan(second);
    }
  }

  @Test
  void configVersion_ofAnOlderSnapshot_isItsOwn() {
    try (RedbAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      for (int i = 0; i < 3; i++) {
        try (Snapshot older = store.openSnapshot()) {
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
  void idle_filesAreClosedAndOpenedAgain() {
    try (RedbAdapter adapter = open(200, Duration.ofMillis(20))) {
      Store store = adapter.create("a", t -> {});
      put(store, 1, new byte[1]);

      await().until(() -> adapter.openStores() == 0);

      assertThat(has(store, 1)).isTrue();
      put(store, 2, new byte[1]);
      assertThat(has(store, 2)).isTrue();
    }
  }

  @Test
  void idle_snapshotOpen_staysOpen() {
    try (RedbAdapter adapter = open(1, Duration.ofMillis(20))) {
      Store store = adapter.create("a", t -> t.put(T, key(1), new byte[1]));
      try (Snapshot snapshot = store.openSnapshot()) {
        Store other = adapter.create("b", t -> {});
        put(other, 1, new byte[1]);
        assertThat(adapter.openStores()).isEqualTo(2);
        assertThat(snapshot.get(T, key(1))).isPresent();
      }
      await().until(() -> adapter.openStores() == 0);
    }
  }

  @Test
  void open_moreStoresThanStayOpen_leastRecentlyUsedIsClosed() {
    try (RedbAdapter adapter = open(3, Duration.ofSeconds(60))) {
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
  void openSnapshot_moreThanTheLimit_isRefused() {
    try (RedbAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      List<Snapshot> snapshots = new ArrayList<>();
      for (int i = 0; i < RedbStore.SNAPSHOTS_MAX; i++) {
        snapshots.add(store.openSnapshot());
      }
      assertThatThrownBy(store::openSnapshot)
          .isInstanceOf(StorageException.StoreUnavailable.class);
      snapshots.forEach(Snapshot::close);
      snapshots.forEach(Snapshot::close);
      store.openSnapshot().close();
    }
  }

  @Test
  void write_callsItsStorage_throws() {
    try (RedbAdapter adapter = open()) {
      Store store = adapter.create("a", t -> {});
      assertThatThrownBy(() -> store.write(t -> has(store, 1)))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> store.write(t -> put(store, 1, new byte[1])))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void transactions_finished_areReported() {
    try (RedbAdapter adapter = open()) {
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
  void cacheBudget_manyStores_staysNearTheBudget() {
    CacheBudget budget = new CacheBudget(1_000_000, 200);
    long first = budget.grant();
    long all = first;
    for (int i = 1; i < 200; i++) {
      all += budget.grant();
    }
    assertThat(first).isEqualTo(500_000);
    assertThat(all).isLessThanOrEqualTo(2_000_000);
    budget.giveBack(all);
    assertThat(budget.grant()).isEqualTo(first);
  }
}

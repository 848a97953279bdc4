package io.divan.storage.leveldb.lsm;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.lease.Lease;
import io.divan.storage.lease.Leases;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.WriteOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests failures below LevelDB and the errors that they cause. */
@Timeout(180)
class LsmFaultTest {
  private static final WriteOptions SYNC = new WriteOptions().sync(true);
  private static final Duration DURATION = Duration.ofHours(1);

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orModel();

  private final StorageAdapter adapter = CLUSTER.adapter();
  private final Store below = adapter.create("d", transaction -> {});
  private final AtomicLong clock = new AtomicLong();
  private final List<LsmLevelDb> all = new ArrayList<>();

  @AfterEach
  void close() {
    all.forEach(LsmLevelDb::close);
    adapter.close();
  }

  private LsmLevelDb lsm(Leases.Options leases) {
    LsmLevelDb lsm = new LsmLevelDb(leases, LsmLevelDb.Settings.defaults());
    all.add(lsm);
    return lsm;
  }

  private LsmLevelDb alone() {
    return lsm(Leases.Options.exclusive("here"));
  }

  private LsmLevelDb shared(String holder) {
    return lsm(Leases.Options.shared(holder).duration(DURATION).nanoTime(clock::get));
  }

  private static Options options() {
    return new Options().writeBufferSize(1 << 16);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static AbstractThrowableAssert<?, ?> assertFails(
      ThrowingCallable call, Class<? extends StorageException> cause) {
    return assertThatThrownBy(call).isInstanceOf(DBException.class).cause().isInstanceOf(cause);
  }

  /** Puts rows into SST files and one into the log. */
  private static void fill(DB db) {
    for (int i = 0; i < 300; i++) {
      db.put(bytes("k" + i), new byte[1_000]);
    }
    db.compactRange(null, null);
    db.put(bytes("last"), bytes("1"), SYNC);
  }

  private static int rows(DB db) throws Exception {
    int rows = 0;
    try (DBIterator iterator = db.iterator()) {
      iterator.seekToFirst();
      while (iterator.hasNext()) {
        iterator.next();
        rows++;
      }
    }
    return rows;
  }

  @Test
  void put_storeUnavailable_failsUntilReopened() throws Exception {
    FaultyStore store = new FaultyStore(below);
    DB db = alone().open(store, "db", options());
    fill(db);
    store.failAfter(0, () -> new StorageException.StoreUnavailable("No route to the cluster"));
    assertFails(
        () -> db.put(bytes("more"), bytes("1"), SYNC), StorageException.StoreUnavailable.class)
        .hasMessage("No route to the cluster");
    assertFails(
        () -> db.put(bytes("more"), bytes("1")), StorageException.StoreUnavailable.class);
    db.close();
    DB again = alone().open(below, "db", options());
    assertThat(rows(again)).isEqualTo(301);
    again.put(bytes("more"), bytes("1"), SYNC);
    again.close();
  }

  @Test
  void get_readTooOld_failsAndWorksLater() throws Exception {
    FaultyStore store = new FaultyStore(below);
    DB filled = alone().open(store, "db", options());
    fill(filled);
    filled.close();
    DB db = alone().open(store, "db", options());
    store.readFault =
        () -> new StorageException.SnapshotTooOld("Older than 5 s", new RuntimeException());
    assertFails(() -> db.get(bytes("k7")), StorageException.SnapshotTooOld.class)
        .hasMessage("Older than 5 s");
    try (DBIterator iterator = db.iterator()) {
      assertFails(iterator::seekToFirst, StorageException.SnapshotTooOld.class);
    } catch (DBException e) {
      assertThat(e).hasCauseInstanceOf(StorageException.SnapshotTooOld.class);
    }
    store.readFault = () -> null;
    assertThat(db.get(bytes("k7"))).hasSize(1_000);
    db.close();
  }

  @ParameterizedTest
  @EnumSource
  void put_unknownOutcome_isAppliedOrNot(FaultyStore.Last last) throws Exception {
    FaultyStore store = new FaultyStore(below);
    DB db = alone().open(store, "db", options());
    fill(db);
    store.stopAfter(0, last);
    assertFails(
        () -> db.put(bytes("more"), bytes("1"), SYNC), StorageException.StoreUnavailable.class);
    db.close();
    DB again = alone().open(below, "db", options());
    assertThat(rows(again)).isEqualTo(last == FaultyStore.Last.COMMITTED ? 302 : 301);
    again.close();
  }

  @Test
  void put_storeFull_failsUntilReopened() throws Exception {
    FaultyStore store = new FaultyStore(below);
    DB db = alone().open(store, "db", options());
    fill(db);
    store.failAfter(0, () -> new StorageException.StoreFull("No space", new IOException()));
    assertFails(() -> db.put(bytes("more"), bytes("1"), SYNC), StorageException.StoreFull.class);
    db.close();
    DB again = alone().open(below, "db", options());
    assertThat(rows(again)).isEqualTo(301);
    again.close();
  }

  private Map<String, String> contents() {
    Map<String, String> contents = new TreeMap<>();
    for (Table table : List.of(LsmKeys.FILES, LsmKeys.CHUNKS, LsmKeys.LOCK)) {
      for (KeyValue row : below.read(reads -> reads.scan(Range.all(table))).rows()) {
        contents.put(
            table.name() + Arrays.toString(row.key()), new String(row.value(), ISO_8859_1));
      }
    }
    return contents;
  }

  /**
   * Another process takes over the database while its owner is paused; then the owner continues.
   */
  @Test
  void write_leaseLost_changesNothing() throws Exception {
    DB first = shared("first").open(below, "db", options());
    fill(first);
    for (int i = 0; i < 20; i++) {
      first.put(bytes("unsynced" + i), new byte[1_000]);
    }
    LsmLevelDb other = shared("second");
    assertFails(() -> other.open(below, "db", options()), StorageException.StoreUnavailable.class)
        .hasMessage(
            "The database db is in use by first; it can be taken over when that process has not"
                + " renewed its lease for 3600000 ms");
    Candidate candidate = new Candidate(other);
    assertThat(candidate.tryNow()).isFalse();
    clock.addAndGet(DURATION.toNanos());
    assertThat(candidate.tryNow()).isTrue();
    DB second = candidate.open();
    second.put(bytes("last"), bytes("2"), SYNC);
    Map<String, String> before = contents();
    assertFails(() -> first.get(bytes("last")), StorageException.StoreUnavailable.class)
        .hasMessage("The lease of The database db could not be renewed for 3600000 ms");
    assertFails(
        () -> first.put(bytes("last"), bytes("3"), SYNC),
        StorageException.StoreUnavailable.class)
        .hasMessage("The lease of The database db was lost, and taken by second");
    assertFails(
        () -> {
          for (int i = 0; i < 300; i++) {
            first.put(bytes("k" + i), new byte[1_000]); // would flush an SST file
          }
        },
        StorageException.StoreUnavailable.class);
    assertFails(() -> first.get(bytes("last")), StorageException.StoreUnavailable.class)
        .hasMessage("The lease of The database db was lost, and taken by second");
    first.close();
    assertThat(contents().equals(before)).as("nothing was changed").isTrue();
    assertThat(second.get(bytes("last"))).isEqualTo(bytes("2"));
    assertThat(rows(second)).isEqualTo(301);
    second.close();
  }

  /** Requests the lock of a database repeatedly, as an open that waits does. */
  private final class Candidate {
    private final LsmLevelDb lsm;
    private final Lease lease;

    Candidate(LsmLevelDb lsm) {
      this.lsm = lsm;
      lease =
          new Leases(Leases.Options.shared("second").duration(DURATION).nanoTime(clock::get))
              .lease(below, LsmKeys.LOCK, LsmKeys.lock("db"), "The database db");
    }

    boolean tryNow() {
      return lease.tryAcquire();
    }

    DB open() {
      lease.close();
      return lsm.open(below, "db", options());
    }
  }

  @Test
  void open_ownerIsDead_takesOverAfterTheLeaseDuration() throws Exception {
    Leases.Options leases = Leases.Options.shared("dead").duration(Duration.ofMillis(200));
    LsmLevelDb dead = lsm(leases);
    DB db = dead.open(below, "db", options());
    fill(db);
    dead.close(); // ends the renewal of its leases
    LsmLevelDb.Settings patient = LsmLevelDb.Settings.defaults().lockWait(Duration.ofSeconds(30));
    LsmLevelDb heir = new LsmLevelDb(Leases.Options.shared("heir"), patient);
    all.add(heir);
    DB taken = heir.open(below, "db", options());
    assertThat(rows(taken)).isEqualTo(301);
    assertFails(
        () -> db.put(bytes("more"), bytes("1"), SYNC), StorageException.StoreUnavailable.class);
    db.close();
    taken.close();
  }

  private void change(String name, long chunk, byte[] value) {
    FileRow file = FileRow.read(below, "db", name).orElseThrow();
    below.write(
        transaction -> {
          byte[] key = LsmKeys.chunk("db", file, chunk);
          if (value.length == 0) {
            transaction.delete(LsmKeys.CHUNKS, key);
          } else {
            transaction.put(LsmKeys.CHUNKS, key, value);
          }
          return true;
        });
  }

  private String file(String ending) {
    return FileRow.readAll(below, "db").keySet().stream()
        .filter(name -> name.endsWith(ending) || name.startsWith(ending))
        .sorted()
        .findFirst()
        .orElseThrow();
  }

  private void fillAndClose() throws Exception {
    DB db = alone().open(below, "db", options());
    fill(db);
    db.close();
  }

  @ParameterizedTest
  @CsvSource({"0, is missing", "100, does not have 65536 bytes; its stored value has 100"})
  void get_damagedChunk_namesFileAndChunk(int bytes, String what) throws Exception {
    fillAndClose();
    String table = file(".ldb");
    change(table, 0, new byte[bytes]);
    DB db = alone().open(below, "db", options());
    assertFails(() -> db.get(bytes("k0")), StorageException.StoreCorrupt.class)
        .hasMessage("db/" + table + ": chunk 0 " + what);
    db.close();
  }

  /** LevelDB treats a log that it cannot read as ended. */
  @ParameterizedTest
  @ValueSource(strings = {".log", "MANIFEST", "CURRENT"})
  void open_missingChunk_isRejected(String ending) throws Exception {
    FaultyStore store = new FaultyStore(below);
    DB db = alone().open(store, "db", options());
    fill(db);
    store.stopAfter(0, FaultyStore.Last.LOST);
    db.close();
    String name = file(ending);
    change(name, 0, new byte[0]);
    assertFails(() -> alone().open(below, "db", options()), StorageException.StoreCorrupt.class)
        .hasMessage("db/" + name + ": chunk 0 is missing");
  }

  @Test
  void put_valueLongerThanATransaction_survivesReopening() throws Exception {
    byte[] key = new byte[100_000];
    byte[] value = new byte[20_000_000];
    Arrays.fill(key, (byte) 3);
    Arrays.fill(value, (byte) 7);
    DB db = alone().open(below, "db", options());
    db.put(key, value, SYNC);
    db.compactRange(null, null);
    db.close();
    DB again = alone().open(below, "db", options());
    assertThat(Arrays.equals(again.get(key), value)).isTrue();
    again.close();
  }

  @Test
  void open_longName_isRejected() {
    assertThatThrownBy(() -> alone().open(below, "d".repeat(201), options()))
        .isInstanceOf(DBException.class)
        .hasMessageContaining("name is too long");
  }

  @Test
  void put_fullDisk_failsAndKeepsSyncedWrites(@TempDir Path directory) throws Exception {
    String path = directory.resolve("db").toString();
    for (long space = 1_000; space < 250_000; space += 31_337) {
      FullDisk disk = new FullDisk();
      DB db = LsmLevelDb.open(path, options(), disk, null, Optional.empty());
      int before = rows(db);
      disk.leave(space);
      int written = 0;
      try {
        while (true) {
          db.put(bytes(space + "/" + written), new byte[1_000], SYNC);
          written++;
        }
      } catch (DBException e) {
        assertThat(e).hasCauseInstanceOf(StorageException.StoreFull.class);
        assertThat(e).hasMessageStartingWith("No space is left for " + path);
      }
      db.close();
      DB again = LsmLevelDb.open(path, options(), new FullDisk(), null, Optional.empty());
      assertThat(rows(again)).isBetween(before + written, before + written + 1);
      again.close();
    }
  }

  @Test
  void open_directoryInUse_isRejected(@TempDir Path directory) throws Exception {
    DB db = LsmLevelDb.open(directory, options());
    assertFails(
        () -> LsmLevelDb.open(directory, options()), StorageException.StoreUnavailable.class)
        .hasMessageContaining("LOCK is locked: another process or database object uses it");
    db.close();
    LsmLevelDb.destroy(directory);
    assertThatThrownBy(() -> LsmLevelDb.open(directory, new Options().createIfMissing(false)))
        .isInstanceOf(DBException.class)
        .hasMessageContaining("does not exist");
  }
}

package io.divan.storage.leveldb;

import static io.divan.storage.Capabilities.openSnapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.divan.storage.NameRange;
import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import io.divan.storage.WriteTransaction;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.Faults.Fault;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.lease.Leases;
import io.divan.storage.tuple.TupleWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.Snapshot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests a cluster that fails, and several processes that share it. */
@Timeout(60)
class LevelDbFaultTest {
  private static final Table T = new Table(30, "rows");
  private static final Duration LEASE = Duration.ofMillis(300);
  private static final Duration IDLE = Duration.ofMillis(100);

  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb(1);
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    cluster.faults().clear();
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private StorageAdapter base() {
    return new FdbAdapter(
        cluster.open(),
        FdbAdapter.Options.defaults().bounds(Duration.ofSeconds(20), 1_000),
        TransactionListener.NONE);
  }

  /**
   * Returns an adapter as another process would open it; closing {@code leases} ends its leases.
   */
  private StorageAdapter process(Leases leases, InstantSource clock) {
    StorageAdapter adapter =
        new CheckedAdapter(
            new LevelDbAdapter(
                base(),
                new ApiEngine(Optional.of(leases), Duration.ZERO),
                new LevelDbAdapter.Options(2, 100, IDLE, clock),
                TransactionListener.NONE));
    opened.add(adapter);
    return adapter;
  }

  private StorageAdapter process(Leases leases) {
    return process(leases, InstantSource.system());
  }

  private static Leases leases(String holder) {
    return new Leases(Leases.Options.shared(holder).duration(LEASE));
  }

  private LevelDb library(LevelDbOptions options) {
    StorageAdapter adapter = new CheckedAdapter(base());
    opened.add(adapter);
    return LevelDb.open(adapter.create("library", transaction -> {}), new Options(), options);
  }

  private static Versionstamp put(Store store, int key) {
    return store
        .write(
            transaction -> {
              transaction.put(T, new byte[] {(byte) key}, new byte[] {1});
              return key;
            })
        .versionstamp()
        .orElseThrow();
  }

  private static int count(Store store) {
    return store.read(transaction -> transaction.scan(Range.all(T)).rows().size());
  }

  private void dials() {
    Faults faults = cluster.faults();
    faults.chance(Fault.CONFLICT, 0.1);
    faults.chance(Fault.UNKNOWN_COMMITTED, 0.1);
    faults.chance(Fault.UNKNOWN_NOT_COMMITTED, 0.1);
    faults.chance(Fault.TOO_OLD_COMMIT, 0.05);
    faults.chance(Fault.TOO_OLD_READ, 0.01);
    faults.chance(Fault.PROCESS_BEHIND, 0.01);
  }

  @Test
  void library_clusterFails_appliesEveryWriteOnce() throws Exception {
    try (LevelDb db = library(LevelDbOptions.defaults())) {
      db.put(new byte[] {0}, new byte[] {0});
      dials();
      for (int i = 0; i < 100; i++) {
        db.transact(
            transaction -> {
              byte[] value = transaction.get(new byte[] {0}).orElseThrow();
              transaction.put(new byte[] {0}, new byte[] {(byte) (value[0] + 1)});
              return value;
            });
      }
      assertThat(db.get(new byte[] {0})).containsExactly(100);
      assertThat(cluster.faults().struck(Fault.UNKNOWN_COMMITTED)).isPositive();
    }
  }

  @Test
  void library_snapshotTooOld_isReportedAndIteratorsContinue() throws Exception {
    try (LevelDb db = library(LevelDbOptions.defaults())) {
      for (int i = 0; i < 50; i++) {
        db.put(new byte[] {(byte) i}, new byte[0]);
      }
      try (Snapshot snapshot = db.getSnapshot();
          DBIterator iterator = db.iterator()) {
        iterator.next();
        cluster.faults().window(Fault.TOO_OLD_READ, 0, 1);
        assertThatExceptionOfType(DBException.class)
            .isThrownBy(
                () -> db.get(new byte[] {1}, new ReadOptions().snapshot(snapshot)))
            .withCauseInstanceOf(StorageException.SnapshotTooOld.class);
        cluster.faults().window(Fault.TOO_OLD_READ, 0, 1);
        int rows = 1;
        while (iterator.hasNext()) {
          iterator.next();
          rows++;
        }
        assertThat(rows).isEqualTo(50);
      }
    }
  }

  @Test
  void backend_clusterFails_losesNoAcknowledgedWrite() {
    Store store = process(leases("one")).create("db", transaction -> {});
    dials();
    int acknowledged = 0;
    for (int i = 0; i < 100; i++) {
      try {
        store.write(LevelDbFaultTest::increment);
        acknowledged++;
      } catch (StorageException.StoreUnavailable e) {
        cluster.faults().clear(); // the writer backs off and reopens the database
        await().ignoreException(StorageException.StoreUnavailable.class).until(() -> has(store));
        dials();
      }
    }
    cluster.faults().clear();
    await().ignoreException(StorageException.StoreUnavailable.class).until(() -> has(store));
    long found = store.read(transaction -> number(transaction.get(T, new byte[] {0})));
    assertThat(acknowledged).isPositive();
    assertThat(found).isBetween((long) acknowledged, 100L);
    assertThat(count(store)).isEqualTo(1);
  }

  private static boolean has(Store store) {
    store.read(transaction -> transaction.get(T, new byte[] {0}));
    return true;
  }

  private static long increment(WriteTransaction transaction) {
    transaction.add(T, new byte[] {0}, 1);
    return 1;
  }

  private static long number(Optional<byte[]> littleEndian) {
    byte[] bytes = littleEndian.orElse(new byte[8]);
    return (bytes[0] & 0xFF) | (bytes[1] & 0xFF) << 8;
  }

  @Test
  void snapshot_tooOld_throwsSnapshotTooOld() {
    Store store = process(leases("one")).create("db", transaction -> {});
    put(store, 1);
    try (io.divan.storage.Snapshot snapshot = openSnapshot(store)) {
      cluster.faults().window(Fault.TOO_OLD_READ, 0, 1);
      assertThatExceptionOfType(StorageException.SnapshotTooOld.class)
          .isThrownBy(() -> snapshot.get(T, new byte[] {1}));
    }
  }

  @Test
  void open_ownedByAnotherProcess_isRejectedUntilReleased() {
    StorageAdapter one = process(leases("one"));
    Store first = one.create("db", transaction -> {});
    put(first, 1);
    StorageAdapter two = process(leases("two"));
    assertThat(two.list(NameRange.all())).containsExactly("db");
    Store second = two.open("db");
    for (Runnable use : List.<Runnable>of(() -> count(second), () -> put(second, 2),
        () -> openSnapshot(second))) {
      assertThatExceptionOfType(StorageException.StoreUnavailable.class)
          .isThrownBy(use::run)
          .withMessageContaining("The LevelDB database db is in use by one");
    }
    // Idle databases are released; the writer of the second process backs off meanwhile.
    await()
        .ignoreException(StorageException.StoreUnavailable.class)
        .until(() -> count(second) == 1);
    await()
        .ignoreException(StorageException.StoreUnavailable.class)
        .until(() -> put(second, 2).version() > 0);
    assertThat(count(second)).isEqualTo(2);
  }

  @Test
  void owner_withIdleFeeds_keepsTheDatabase() throws Exception {
    Store first = process(leases("one")).create("db", transaction -> {});
    Watch watch = first.read(transaction -> transaction.watch(T, new byte[] {1}));
    Store second = process(leases("two")).open("db");
    await()
        .during(IDLE.multipliedBy(5))
        .until(() -> isRefused(second));
    put(first, 1);
    assertThat(watch.await(Duration.ofSeconds(10))).isTrue();
    await().until(() -> !isRefused(second));
  }

  private static boolean isRefused(Store store) {
    try {
      count(store);
      return false;
    } catch (StorageException.StoreUnavailable e) {
      return true;
    }
  }

  @Test
  void owner_pausedAndReplaced_cannotWriteAndWakesItsFeeds() throws Exception {
    Leases paused = leases("one");
    Store first = process(paused).create("db", transaction -> {});
    Versionstamp before = put(first, 1);
    Watch watch = first.read(transaction -> transaction.watch(T, new byte[] {1}));
    // Its clock is an hour behind, yet its versionstamps are greater.
    Store second =
        process(leases("two"), () -> Instant.now().minusSeconds(3_600)).open("db");
    Instant begun = Instant.now();
    assertThatExceptionOfType(StorageException.StoreUnavailable.class)
        .isThrownBy(
            () -> first.write(
                transaction -> {
                  transaction.put(T, new byte[] {9}, new byte[0]);
                  if (transaction.get(T, new byte[] {8}).isEmpty()) {
                    paused.close();
                    await()
                        .ignoreException(StorageException.StoreUnavailable.class)
                        .until(() -> count(second) == 1);
                  }
                  return true;
                }))
        .withMessageContaining("lease");
    assertThat(Duration.between(begun, Instant.now())).isGreaterThanOrEqualTo(LEASE);
    assertThat(watch.await(Duration.ofSeconds(10))).isTrue();
    await()
        .ignoreException(StorageException.StoreUnavailable.class)
        .until(() -> put(second, 2).compareTo(before) > 0);
    assertThatExceptionOfType(StorageException.StoreUnavailable.class)
        .isThrownBy(() -> count(first));
    assertThat(second.<Optional<byte[]>>read(t -> t.get(T, new byte[] {9}))).isEmpty();
  }

  @Test
  void delete_byAnotherProcess_isSeenByTheOwnerAndStampsGrow() {
    StorageAdapter one = process(leases("one"));
    Store first = one.create("db", transaction -> {});
    Versionstamp last = put(first, 1);
    StorageAdapter two = process(leases("two"), () -> Instant.now().minusSeconds(3_600));
    two.delete("db");
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> count(first));
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> put(first, 2));
    Store again = two.create("db", transaction -> increment(transaction));
    assertThat(put(again, 1)).isGreaterThan(last);
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> put(first, 2));
    assertThat(count(again)).isEqualTo(2);
  }

  @Test
  void write_groupLargerThanABatch_commitsEachAlone() throws Exception {
    StorageAdapter adapter = process(leases("one"));
    Store store = adapter.create("db", transaction -> {});
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    List<Thread> waiting = new ArrayList<>();
    List<FutureTask<?>> writers = new ArrayList<>();
    writers.add(
        new FutureTask<>(
            () -> store.write(
                transaction -> {
                  transaction.put(T, new byte[] {0}, new byte[0]);
                  begun.countDown();
                  awaitLatch(mayEnd);
                  return true;
                })));
    Thread.ofPlatform().start(writers.getFirst());
    awaitLatch(begun);
    for (int i = 1; i <= 3; i++) {
      byte writer = (byte) i;
      writers.add(
          new FutureTask<>(() -> store.write(transaction -> large(transaction, writer))));
      waiting.add(Thread.ofPlatform().start(writers.getLast()));
    }
    await()
        .until(
            () -> waiting.stream().allMatch(each -> each.getState() == Thread.State.TIMED_WAITING));
    mayEnd.countDown();
    for (FutureTask<?> writer : writers) {
      writer.get();
    }
    for (int writer = 1; writer <= 3; writer++) {
      byte[] last = {(byte) writer, 39};
      assertThat(store.<Boolean>read(t -> t.get(T, last).isPresent())).isTrue();
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte large(WriteTransaction transaction, byte writer) {
    for (int i = 0; i < 40; i++) {
      transaction.put(T, new byte[] {writer, (byte) i}, new byte[100_000]);
    }
    return writer;
  }

  @Test
  void read_newerFormat_saysWhichVersionToUse() {
    Store store = base().create("newer", transaction -> {});
    store.write(
        transaction -> {
          transaction.put(
              Rows.META,
              "format".getBytes(StandardCharsets.US_ASCII),
              TupleWriter.pack(2L, "leveldb.BytewiseComparator", false, false));
          return true;
        });
    assertThatExceptionOfType(StorageException.StoreUnusable.class)
        .isThrownBy(() -> store.read(Format::read))
        .withMessageContaining("has format 2; this version of Divan supports formats up to 1");
  }

  @Test
  void open_baseOfAnotherLayer_isRejected() {
    StorageAdapter base = base();
    base.create("stray", transaction -> {});
    StorageAdapter adapter = Bases.over(base);
    opened.add(adapter);
    assertThatExceptionOfType(StorageException.StoreUnusable.class)
        .isThrownBy(() -> adapter.open("stray"))
        .withMessageContaining(
            "was created by no layer and cannot be used by the layer leveldb-api");
    LevelDbEngine other =
        new LevelDbEngine() {
          @Override
          public String name() {
            return "other";
          }

          @Override
          public Owned open(Store store) {
            throw new IllegalStateException();
          }

          @Override
          public void close() {}
        };
    assertThatExceptionOfType(StorageException.StoreUnusable.class)
        .isThrownBy(
            () -> new LevelDbAdapter(
                base(), other, LevelDbAdapter.Options.defaults(), TransactionListener.NONE))
        .withMessage("The base holds databases of the layer leveldb-api, not of leveldb-other");
  }
}

package io.divan.storage.fdb;

import static io.divan.storage.Capabilities.openSnapshot;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.ReadTransaction;
import com.apple.foundationdb.Transaction;
import com.apple.foundationdb.TransactionOptions;
import io.divan.storage.NameRange;
import io.divan.storage.Range;
import io.divan.storage.Snapshot;
import io.divan.storage.Stamp;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import io.divan.storage.Written;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.Faults.Fault;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Transactions on a cluster with faults. */
class FdbTransactionsTest {
  private static final Table ROWS = new Table(30, "rows");
  private static final byte[] KEY = "key".getBytes(UTF_8);

  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();
  private final Faults faults = cluster.faults();
  private final List<TransactionListener.Report> reports = new ArrayList<>();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));
  private final FdbAdapter adapter = adapter(Duration.ofSeconds(10), 20);
  private final Store store = adapter.create("db", transaction -> {});

  private FdbAdapter adapter(Duration timeout, int retries) {
    FdbAdapter.Options options =
        FdbAdapter.Options.defaults()
            .bounds(timeout, retries)
            .maintenance(100, Duration.ofSeconds(1), false)
            .sources(new Random(1), now::get);
    return new FdbAdapter(cluster.open(), options, this::report);
  }

  private synchronized void report(TransactionListener.Report report) {
    reports.add(report);
  }

  @AfterEach
  void close() {
    faults.clear();
    adapter.close();
  }

  /** Adds to a counter, which reveals a change that is applied twice. */
  private Written<Long> count() {
    return store.write(
        transaction -> {
          long next = transaction.get(ROWS, KEY).map(value -> (long) value[0]).orElse(0L) + 1;
          transaction.put(ROWS, KEY, new byte[] {(byte) next});
          Stamp stamp = transaction.stamp();
          transaction.putStampedKey(ROWS, new byte[] {0}, stamp, new byte[0], KEY);
          return next;
        });
  }

  private List<Versionstamp> stamps() {
    return store
        .read(transaction -> transaction.scan(Range.prefix(ROWS, new byte[] {0})))
        .rows()
        .stream()
        .map(row -> Versionstamp.fromBytes(row.key(), 1))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(value = Fault.class, names = {
    "CONFLICT", "UNKNOWN_COMMITTED", "UNKNOWN_NOT_COMMITTED", "TOO_OLD_READ",
    "TOO_OLD_COMMIT", "PROCESS_BEHIND", "CLUSTER_VERSION_CHANGED", "RESTART"
  })
  void write_fault_happensOnce(Fault fault) {
    for (int skipped = 0; skipped < 3; skipped++) {
      faults.window(fault, skipped, 2);
      List<Versionstamp> before = stamps();
      Written<Long> first = count();
      Written<Long> second = count();
      faults.clear();
      assertThat(second.result()).isEqualTo(first.result() + 1);
      List<Versionstamp> expected = new ArrayList<>(before);
      expected.add(first.versionstamp().orElseThrow());
      expected.add(second.versionstamp().orElseThrow());
      assertThat(stamps()).as("stamps returned and stored").isEqualTo(expected);
    }
    assertThat(faults.struck(fault)).isPositive();
  }

  @Test
  void write_everyCommitUnknown_isAppliedOnce() throws Exception {
    faults.chance(Fault.UNKNOWN_COMMITTED, 0.5);
    faults.chance(Fault.UNKNOWN_NOT_COMMITTED, 0.5);
    AtomicInteger acknowledged = new AtomicInteger();
    List<Callable<Boolean>> writers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      writers.add(
          () -> {
            for (int n = 0; n < 10; n++) {
              count();
              acknowledged.incrementAndGet();
            }
            return true;
          });
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> writer : threads.invokeAll(writers)) {
        assertThat(writer.get()).isTrue();
      }
    }
    faults.clear();
    assertThat(acknowledged).hasValue(80);
    assertThat(stamps()).hasSize(80);
    assertThat(store.read(transaction -> transaction.get(ROWS, KEY)).orElseThrow()[0])
        .isEqualTo((byte) 80);
  }

  @Test
  void createAndDelete_commitUnknown_areAppliedOnce() {
    for (Fault fault : List.of(Fault.UNKNOWN_COMMITTED, Fault.UNKNOWN_NOT_COMMITTED)) {
      faults.window(fault, 0, 1);
      Store created = adapter.create("new", transaction -> transaction.put(ROWS, KEY, KEY));
      byte[] value = created.read(transaction -> transaction.get(ROWS, KEY).orElseThrow());
      assertThat(value).isEqualTo(KEY);
      faults.window(fault, 0, 1);
      adapter.delete("new");
      assertThat(adapter.list(NameRange.all())).containsExactly("db");
    }
  }

  @Test
  void watch_commitUnknown_firesOrWaits() throws InterruptedException {
    faults.window(Fault.UNKNOWN_COMMITTED, 0, 1);
    Watch watch =
        store
            .write(
                transaction -> {
                  transaction.put(ROWS, new byte[] {1}, KEY);
                  return transaction.watch(ROWS, KEY);
                })
            .result();
    count();
    assertThat(watch.await(Duration.ofSeconds(5))).isTrue();
    watch.close();
    assertThat(adapter.watches().size()).isZero();
    assertThat(adapter.watches().armed()).isZero();
  }

  @Test
  void write_alwaysConflicts_isConflict() {
    faults.chance(Fault.CONFLICT, 1);
    try (FdbAdapter impatient = adapter(Duration.ofSeconds(5), 3)) {
      Store opened = impatient.open("db");
      reports.clear();
      assertThatExceptionOfType(StorageException.Conflict.class)
          .isThrownBy(() -> write(opened))
          .withMessageContaining("4 times");
      TransactionListener.Report report = reports.getFirst();
      assertThat(report.attempts()).isEqualTo(4);
      assertThat(report.conflicts()).isEqualTo(4);
      assertThat(report.outcome()).isEqualTo(TransactionListener.Outcome.FAILED);
      faults.clear();
    }
  }

  private static void write(Store store) {
    store.write(
        transaction -> {
          transaction.put(ROWS, KEY, KEY);
          return true;
        });
  }

  @Test
  void write_conflictsLongerThanTheTimeout_isUnavailableOrConflict() {
    faults.chance(Fault.CONFLICT, 1);
    try (FdbAdapter impatient = adapter(Duration.ofMillis(200), 1_000_000)) {
      Store opened = impatient.open("db");
      long begun = System.nanoTime();
      assertThatExceptionOfType(StorageException.class).isThrownBy(() -> write(opened));
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
      faults.clear();
    }
  }

  @Test
  void write_alwaysUnknown_isUnavailable() {
    faults.chance(Fault.UNKNOWN_NOT_COMMITTED, 1);
    try (FdbAdapter impatient = adapter(Duration.ofSeconds(5), 3)) {
      Store opened = impatient.open("db");
      assertThatExceptionOfType(StorageException.StoreUnavailable.class)
          .isThrownBy(() -> write(opened))
          .withMessageContaining("did not report whether it committed");
      faults.clear();
    }
  }

  @Test
  void read_clusterAlwaysBehind_isUnavailableThenRecovers() {
    faults.chance(Fault.PROCESS_BEHIND, 1);
    try (FdbAdapter healthy = healthyAdapter()) {
      assertThatExceptionOfType(StorageException.StoreUnavailable.class)
          .isThrownBy(healthy::checkHealth);
      faults.clear();
      healthy.checkHealth();
    }
  }

  private FdbAdapter healthyAdapter() {
    faults.clear();
    FdbAdapter opened = adapter(Duration.ofSeconds(5), 2);
    faults.chance(Fault.PROCESS_BEHIND, 1);
    return opened;
  }

  @Test
  void write_workSwallowsAnError_isRetried() {
    AtomicInteger runs = new AtomicInteger();
    count();
    faults.window(Fault.TOO_OLD_READ, 1, 1);
    store.write(
        transaction -> {
          transaction.put(ROWS, KEY, new byte[] {(byte) runs.incrementAndGet()});
          try {
            transaction.get(ROWS, new byte[] {9});
            transaction.get(ROWS, new byte[] {8});
          } catch (RuntimeException e) {
            return false; // callers must not do this, but may
          }
          return true;
        });
    assertThat(runs.get()).isEqualTo(2);
    assertThat(store.read(transaction -> transaction.get(ROWS, KEY)).orElseThrow()[0])
        .isEqualTo((byte) 2);
  }

  @Test
  void ids_afterMaintenance_areCleared() {
    try (Database raw = cluster.open()) {
      for (int i = 0; i < 10; i++) {
        count();
      }
      assertThat(ids(raw)).isEqualTo(11);
      adapter.maintain();
      assertThat(ids(raw)).isZero();
    }
  }

  @Test
  void ids_ofACrashedInstance_areSweptAfterAnHour() {
    try (Database raw = cluster.open()) {
      FdbAdapter crashed = adapter(Duration.ofSeconds(5), 3);
      write(crashed.open("db"));
      adapter.maintain();
      assertThat(ids(raw)).isEqualTo(1);
      now.set(now.get().plus(Duration.ofMinutes(61)));
      count();
      adapter.maintain();
      assertThat(ids(raw)).as("the old id was swept").isZero();
      crashed.close();
    }
  }

  private int ids(Database raw) {
    byte[] begin = adapter.keys().allTransactionIds();
    return raw.read(
        transaction -> transaction.getRange(begin, KeySpace.afterPrefix(begin)).asList().join()
            .size());
  }

  @Test
  void snapshot_temporaryFault_readsAtTheSameVersion() {
    long before = count().result();
    faults.window(Fault.TOO_OLD_READ, 0, 2);
    faults.window(Fault.PROCESS_BEHIND, 0, 2);
    try (Snapshot snapshot = openSnapshot(store)) {
      count();
      faults.window(Fault.PROCESS_BEHIND, 0, 2);
      assertThat(snapshot.get(ROWS, KEY).orElseThrow()[0]).isEqualTo((byte) before);
      assertThat(snapshot.scan(Range.prefix(ROWS, new byte[] {0})).rows()).hasSize(1);
    }
    assertThat(faults.struck(Fault.TOO_OLD_READ)).isEqualTo(2);
    assertThat(faults.struck(Fault.PROCESS_BEHIND)).isEqualTo(4);
  }

  @Test
  void snapshot_usesTheTransactionThatOpenedIt_andClosesIt() {
    AtomicInteger made = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    Database watched =
        Watched.transactions(
            cluster.open(),
            transaction -> {
              made.incrementAndGet();
              return Watched.by(
                  (method, arguments, answer) -> {
                    ended.addAndGet(method.getName().equals("close") ? 1 : 0);
                    return answer;
                  },
                  Transaction.class,
                  transaction);
            });
    count();
    FdbAdapter.Options options =
        FdbAdapter.Options.defaults().maintenance(100, Duration.ofHours(1), false);
    try (FdbAdapter other = new FdbAdapter(watched, options, TransactionListener.NONE)) {
      Store there = other.open("db");
      int before = made.get();
      int endedBefore = ended.get();
      try (Snapshot snapshot = openSnapshot(there)) {
        assertThat(snapshot.get(ROWS, KEY)).isPresent();
        assertThat(ended.get()).isEqualTo(endedBefore);
      }
      assertThat(made.get()).isEqualTo(before + 1);
      assertThat(ended.get()).isEqualTo(endedBefore + 1);
    }
  }

  @Test
  void snapshot_clusterAlwaysBehind_isUnavailable() {
    try (Snapshot snapshot = openSnapshot(store)) {
      faults.chance(Fault.PROCESS_BEHIND, 1);
      assertThatExceptionOfType(StorageException.StoreUnavailable.class)
          .isThrownBy(() -> snapshot.get(ROWS, KEY));
      assertThatExceptionOfType(StorageException.StoreUnavailable.class)
          .isThrownBy(() -> openSnapshot(store));
    }
  }

  @Test
  void snapshot_tooOld_isSnapshotTooOld() {
    try (Snapshot snapshot = openSnapshot(store)) {
      faults.window(Fault.TOO_OLD_READ, 0, 1);
      assertThatExceptionOfType(StorageException.SnapshotTooOld.class)
          .isThrownBy(() -> snapshot.get(ROWS, KEY));
    }
  }

  @Test
  void snapshot_olderThanTheTimeLimit_isSnapshotTooOld() {
    Duration timeout = Duration.ofMillis(200);
    try (FdbAdapter brief = adapter(timeout, 20);
        Snapshot snapshot = openSnapshot(brief.open("db"))) {
      long opened = System.nanoTime();
      await().until(() -> System.nanoTime() - opened > timeout.toNanos());
      assertThatExceptionOfType(StorageException.SnapshotTooOld.class)
          .isThrownBy(() -> snapshot.get(ROWS, KEY));
    }
  }

  @Test
  void report_committed_hasPhasesAndBytes() {
    reports.clear();
    count();
    TransactionListener.Report report = reports.getFirst();
    assertThat(report.kind()).isEqualTo(TransactionListener.Kind.WRITE);
    assertThat(report.outcome()).isEqualTo(TransactionListener.Outcome.DONE);
    assertThat(report.attempts()).isEqualTo(1);
    assertThat(report.bytes()).isEqualTo(1 + 3 * 3 + 64 + 3 + 3 * 13 + 64);
    assertThat(report.waited()).isPositive();
    assertThat(report.committed()).isPositive();
  }

  @Test
  void trace_ofARequest_setsFoundationDbsOptions() throws Exception {
    List<String> options = new ArrayList<>();
    Database watched =
        Watched.transactions(cluster.open(), transaction -> recording(transaction, options));
    try (FdbAdapter other =
        new FdbAdapter(watched, FdbAdapter.Options.defaults(), this::report)) {
      Store traced = other.open("db");
      options.clear();
      reports.clear();
      faults.window(Fault.CONFLICT, 0, 1);
      new Trace("1", TransactionListener.NONE)
          .named("mine")
          .call(
              () -> {
                write(traced);
                return traced.read(transaction -> transaction.get(ROWS, KEY));
              });
      write(traced);
      assertThat(options)
          .containsExactly(
              "403 mine-1", "404 ", "403 mine-1", "404 ", "403 mine-2", "404 ");
      assertThat(reports.stream().map(report -> report.trace().flatMap(
          Trace.Transaction::identifier).orElse("none")))
          .containsExactly("mine-1", "mine-2", "none");
    }
  }

  /** Like the client without a read version: the read of the metadata version never completes. */
  @Test
  void read_clusterLocked_failsAtOnce() {
    AtomicBoolean locked = new AtomicBoolean();
    Database watched =
        Watched.transactions(
            cluster.open(),
            transaction -> Watched.by(
                (method, arguments, answer) -> {
                  if (!locked.get()) {
                    return answer;
                  }
                  return switch (method.getName()) {
                    case "getReadVersion" ->
                        CompletableFuture.failedFuture(
                            new FDBException("Database is locked", 1038));
                    case "onError" ->
                        CompletableFuture.failedFuture((FDBException) arguments[0]);
                    case "snapshot" ->
                        Watched.by(
                            (m, a, any) -> new CompletableFuture<>(),
                            ReadTransaction.class,
                            (ReadTransaction) answer);
                    default -> answer;
                  };
                },
                Transaction.class,
                transaction));
    try (FdbAdapter other =
        new FdbAdapter(
            watched,
            FdbAdapter.Options.defaults().maintenance(1, Duration.ofSeconds(1), false),
            this::report)) {
      Store there = other.open("db");
      locked.set(true);
      assertThatExceptionOfType(StorageException.StoreUnavailable.class)
          .isThrownBy(() -> there.read(transaction -> transaction.get(ROWS, KEY)))
          .withMessageContaining("is locked");
      locked.set(false);
    }
  }

  /** A transaction that records its options for tracing, which are 403 and 404. */
  private static Transaction recording(Transaction transaction, List<String> options) {
    return Watched.by(
        (method, arguments, answer) -> switch (method.getName()) {
          case "options" ->
              new TransactionOptions(
                  (code, parameter) -> {
                    if (code == 403 || code == 404) {
                      options.add(
                          code + " " + (parameter == null ? "" : new String(parameter, UTF_8)));
                    }
                    transaction.options().getOptionConsumer().setOption(code, parameter);
                  });
          case "onError" ->
              ((CompletableFuture<?>) answer)
                  .thenApply(next -> recording((Transaction) next, options));
          default -> answer;
        },
        Transaction.class,
        transaction);
  }
}

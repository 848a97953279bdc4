package io.divan.storage.fdb;

import static io.divan.storage.Capabilities.openSnapshot;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.apple.foundationdb.Database;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.Watch;
import io.divan.storage.fdb.simulation.Faults.Fault;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Watches are shared and bounded. Polling replaces watches beyond the limit and lost ones. */
class FdbWatchesTest {
  private static final Table ROWS = new Table(30, "rows");
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int ARMED_MAX = 5;

  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();
  private final FdbAdapter adapter = adapter();
  private final FdbAdapter other = adapter();
  private final Store store = adapter.create("db", transaction -> put(transaction, "a", "1"));
  private final Store elsewhere = other.open("db");

  private FdbAdapter adapter() {
    FdbAdapter.Options options =
        FdbAdapter.Options.defaults().maintenance(ARMED_MAX, Duration.ofSeconds(1), false);
    return new FdbAdapter(cluster.open(), options, TransactionListener.NONE);
  }

  @AfterEach
  void close() {
    adapter.close();
    other.close();
    assertThat(adapter.watches().armed()).isZero();
  }

  private static boolean put(
      io.divan.storage.WriteTransaction transaction, String key, String value) {
    transaction.put(ROWS, key.getBytes(UTF_8), value.getBytes(UTF_8));
    return true;
  }

  private Watch watch(String key) {
    return store.read(transaction -> transaction.watch(ROWS, key.getBytes(UTF_8)));
  }

  private static boolean isFired(Watch watch) throws InterruptedException {
    return watch.await(Duration.ZERO);
  }

  @Test
  void watch_sameKeyManyTimes_isOneInTheCluster() throws InterruptedException {
    List<Watch> watches = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      watches.add(watch("a"));
    }
    assertThat(adapter.watches().armed()).isEqualTo(1);
    assertThat(adapter.watches().size()).isEqualTo(100);
    watches.getFirst().close();
    assertThat(adapter.watches().armed()).as("the other watches still share it").isEqualTo(1);
    elsewhere.write(transaction -> put(transaction, "a", "2"));
    for (Watch watch : watches.subList(1, 100)) {
      assertThat(watch.await(SOON)).isTrue();
      watch.close();
    }
    assertThat(adapter.watches().armed()).isZero();
    assertThat(adapter.watches().size()).isZero();
  }

  @Test
  void close_lastWatchOfAKey_cancelsItInTheCluster() {
    try (Watch first = watch("a");
        Watch second = watch("a")) {
      assertThat(first).isNotSameAs(second);
    }
    assertThat(adapter.watches().armed()).isZero();
    assertThat(adapter.watches().size()).isZero();
  }

  @Test
  void watch_otherValueSeen_doesNotMissAChange() throws InterruptedException {
    Snapshot before = openSnapshot(store);
    before.get(ROWS, "a".getBytes(UTF_8));
    store.write(transaction -> put(transaction, "a", "2"));
    Watch newer = watch("a");
    Watch older = before.watch(ROWS, "a".getBytes(UTF_8));
    assertThat(older.await(SOON)).as("it was armed against 1, and the value is 2").isTrue();
    store.write(transaction -> put(transaction, "a", "1"));
    assertThat(newer.await(SOON)).isTrue();
    before.close();
    older.close();
    newer.close();
  }

  @Test
  void watch_beyondTheLimit_isPolled() throws InterruptedException {
    List<Watch> watches = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String key = "k" + i;
      store.write(transaction -> put(transaction, key, "1"));
      watches.add(watch(key));
    }
    assertThat(adapter.watches().armed()).isEqualTo(ARMED_MAX);
    adapter.maintain();
    assertThat(isFired(watches.get(19))).isFalse();
    elsewhere.write(transaction -> put(transaction, "k19", "2"));
    adapter.maintain();
    assertThat(isFired(watches.get(19))).isTrue();
    assertThat(isFired(watches.get(18))).isFalse();
    watches.forEach(Watch::close);
    assertThat(adapter.watches().size()).isZero();
  }

  @Test
  void watch_lostByTheCluster_firesAfterPolling() throws InterruptedException {
    cluster.faults().chance(Fault.LOST_WATCH, 1);
    try (Watch watch = watch("a")) {
      elsewhere.write(transaction -> put(transaction, "a", "2"));
      assertThat(isFired(watch)).isFalse();
      for (int round = 0; round < Maintenance.ROUNDS_TO_LOOK_AT_ALL; round++) {
        adapter.maintain();
      }
      assertThat(isFired(watch)).isTrue();
    }
  }

  @Test
  void watch_absentKeyOfADatabaseDeletedElsewhere_fires() throws InterruptedException {
    try (Watch watch = watch("absent")) {
      other.delete("db");
      assertThat(watch.await(SOON)).isTrue();
    }
  }

  @Test
  void watch_transactionConflicts_isRemoved() throws InterruptedException {
    cluster.faults().window(Fault.CONFLICT, 0, 3);
    Watch watch =
        store
            .write(
                transaction -> {
                  put(transaction, "b", "1");
                  return transaction.watch(ROWS, "a".getBytes(UTF_8));
                })
            .result();
    assertThat(adapter.watches().armed()).isEqualTo(1);
    assertThat(adapter.watches().size()).isEqualTo(1);
    elsewhere.write(transaction -> put(transaction, "a", "2"));
    assertThat(watch.await(SOON)).isTrue();
    watch.close();
    assertThat(adapter.watches().size()).isZero();
  }

  @Test
  void watch_spurious_firesAndIsRemoved() throws InterruptedException {
    cluster.faults().chance(Fault.SPURIOUS_WATCH, 1);
    try (Watch watch = watch("a")) {
      assertThat(watch.await(SOON)).isTrue();
    }
    assertThat(adapter.watches().size()).isZero();
  }

  @Test
  void watch_allKeysRemovedByOtherMeans_firesThenDatabaseIsNotFound() throws InterruptedException {
    try (Watch before = watch("a");
        Database raw = cluster.open()) {
      raw.run(
          transaction -> {
            transaction.clear(new byte[0], new byte[] {(byte) 0xFF});
            return true;
          });
      assertThat(before.await(SOON)).isTrue();
    }
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> watch("a"))
        .withMessageContaining(store.name());
    assertThat(adapter.watches().size()).isZero();
  }
}

package io.divan.storage.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.storage.NameRange;
import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.lease.Leases;
import io.divan.storage.redb.RedbAdapter;
import io.divan.storage.sqlite.pages.PageOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The backend over several bases: their particular behaviour, and faults. */
class SqlitePagesBasesTest {
  private static final Table T = new Table(30, "rows");

  @TempDir Path directory;

  private static StorageAdapter redb(Path directory) {
    return new CheckedAdapter(new SqlitePagesKillTest.Factory().apply(directory));
  }

  private static void put(Store store, int key, byte[] value) {
    store.write(
        transaction -> {
          transaction.put(T, new byte[] {(byte) (key >> 8), (byte) key}, value);
          return key;
        });
  }

  private static int rows(Store store) {
    return store.read(transaction -> transaction.scan(Range.all(T)).rows().size());
  }

  @Test
  void redb_reopened_keepsItsData() {
    try (StorageAdapter adapter = redb(directory)) {
      Store store =
          adapter.create("a", transaction -> transaction.put(T, new byte[] {1}, new byte[9]));
      assertThat(rows(store)).isEqualTo(1);
      for (int i = 0; i < 100; i++) {
        put(store, i, new byte[i * 100]);
      }
      adapter.create("b", transaction -> {});
      adapter.delete("b");
    }
    try (StorageAdapter adapter = redb(directory)) {
      assertThat(adapter.list(NameRange.all())).containsExactly("a");
      assertThat(rows(adapter.open("a"))).isEqualTo(101);
    }
  }

  @Test
  void redb_transactionAtTheLimit_isAtomic() {
    try (StorageAdapter adapter = redb(directory)) {
      Store store = adapter.create("a", transaction -> {});
      byte[] value = new byte[90_000];
      Arrays.fill(value, (byte) 1);
      store.write(
          transaction -> {
            for (int i = 0; i < 97; i++) {
              transaction.put(T, new byte[] {(byte) i}, value);
            }
            return 0;
          });
      assertThat(
          store.<Boolean>read(
              transaction -> Arrays.equals(transaction.get(T, new byte[] {96}).orElseThrow(),
                  value)))
          .isTrue();
    }
  }

  @Test
  void redb_holdsOtherDatabases_isRefused() {
    try (StorageAdapter plain =
        new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE)) {
      plain.create("a", transaction -> transaction.put(T, new byte[] {1}, new byte[0]));
    }
    try (StorageAdapter adapter = redb(directory)) {
      assertThatThrownBy(() -> adapter.open("a"))
          .isInstanceOf(StorageException.StoreUnusable.class)
          .hasMessageContaining("created by no layer");
    }
  }

  private static StorageAdapter instance(SimulatedFoundationDb cluster, Duration lease) {
    PageOptions pages =
        PageOptions.defaults()
            .leases(Leases.Options.shared("host").duration(lease), Duration.ofSeconds(1));
    return new SqlitePagesAdapter(
        TestCluster.adapter(cluster),
        SqlitePagesAdapter.Options.of(pages),
        TransactionListener.NONE);
  }

  @Test
  void fdb_commitsFailTemporarily_losesNoAcknowledgedWrite() {
    SimulatedFoundationDb cluster = new SimulatedFoundationDb(7);
    try (StorageAdapter adapter = instance(cluster, Duration.ofSeconds(60))) {
      Store store = adapter.create("a", transaction -> {});
      put(store, 0, new byte[10]);
      cluster.faults().chance(Faults.Fault.UNKNOWN_COMMITTED, 0.2);
      cluster.faults().chance(Faults.Fault.UNKNOWN_NOT_COMMITTED, 0.1);
      cluster.faults().chance(Faults.Fault.TOO_OLD_READ, 0.05);
      cluster.faults().chance(Faults.Fault.CONFLICT, 0.1);
      int done = 1;
      for (int i = 1; i < 100; i++) {
        try {
          put(store, i, new byte[100]);
          done++;
        } catch (StorageException.StoreUnavailable | StorageException.Conflict e) {
          // The write may have taken effect; only acknowledged ones must.
        }
      }
      cluster.faults().clear();
      int acknowledged = done;
      await().ignoreExceptions().until(() -> rows(store) >= acknowledged);
      assertThat(acknowledged).isGreaterThan(50);
    }
  }
}

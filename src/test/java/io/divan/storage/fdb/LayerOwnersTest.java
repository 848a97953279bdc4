package io.divan.storage.fdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.divan.storage.BatchScan;
import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.lease.Leases;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two processes that share one database, on the cluster named by {@code FDB_CLUSTER_FILE} or on a
 * simulated one.
 */
@ParameterizedClass
@EnumSource
@Timeout(120)
class LayerOwnersTest {
  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orSimulated();

  private static final Table T = new Table(30, "rows");
  private static final Duration LEASE =
      TestCluster.isGiven() ? Duration.ofSeconds(2) : Duration.ofMillis(300);

  /** Longer than any test waits. */
  private static final Duration LONG = Duration.ofMinutes(10);

  /** A hundred of these exceed LevelDB's memory. */
  private static final byte[] VALUE = new byte[60_000];

  @Parameter Layer layer;

  private final Path place = Path.of(UUID.randomUUID().toString());
  private final List<StorageAdapter> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(StorageAdapter::close);
  }

  private StorageAdapter process(String name, StorageAdapter base, Duration lease) {
    StorageAdapter adapter =
        new CheckedAdapter(layer.over(base, Leases.Options.shared(name).duration(lease)));
    opened.add(adapter);
    return adapter;
  }

  private StorageAdapter process(String name, Duration lease) {
    return process(name, CLUSTER.adapter(place), lease);
  }

  private static int put(Store store, int number) {
    byte[] key = ByteBuffer.allocate(4).putInt(number).array();
    return store
        .write(
            transaction -> {
              transaction.put(T, key, VALUE);
              return number;
            })
        .result();
  }

  private static Set<Integer> numbers(Store store) {
    Set<Integer> numbers = new TreeSet<>();
    BatchScan<Integer> scan =
        store.scan(
            Range.all(T),
            Range.NO_LIMIT,
            (transaction, rows) -> new BatchScan.Batch<>(
                rows.stream().map(row -> ByteBuffer.wrap(row.key()).getInt()).toList(),
                rows.size()));
    while (scan.hasMore()) {
      numbers.addAll(scan.next());
    }
    return numbers;
  }

  private static Set<Integer> numbersOnceOwned(Store store) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .ignoreException(StorageException.StoreUnavailable.class)
        .until(() -> numbers(store), numbers -> true);
  }

  /**
   * The numbers stored; a layer that caches nothing may return the current ones instead of failing.
   */
  private static Optional<Set<Integer>> numbersUnlessRefused(Store store) {
    try {
      return Optional.of(numbers(store));
    } catch (StorageException.StoreUnavailable e) {
      return Optional.empty();
    }
  }

  /** Writes until that fails. Adds each acknowledged number to {@code acknowledged}. */
  private static FutureTask<StorageException> writer(Store store, Set<Integer> acknowledged) {
    FutureTask<StorageException> task =
        new FutureTask<>(
            () -> {
              for (int i = 0; true; i++) {
                try {
                  acknowledged.add(put(store, i));
                } catch (StorageException e) {
                  return e;
                }
              }
            });
    Thread.ofVirtual().start(task);
    return task;
  }

  @Test
  void open_ownedByAnotherProcess_isRefusedUntilClosed() {
    StorageAdapter one = process("one", LONG);
    put(one.create("places", transaction -> {}), 1);
    Store there = process("two", LONG).open("places");
    assertThatExceptionOfType(StorageException.StoreUnavailable.class)
        .isThrownBy(() -> numbers(there))
        .withMessageContaining("atabase places is in use by");
    one.close();
    assertThat(numbersOnceOwned(there)).containsExactly(1);
    await()
        .ignoreException(StorageException.StoreUnavailable.class)
        .until(() -> put(there, 2) == 2);
    assertThat(numbers(there)).containsExactly(1, 2);
  }

  @Test
  void owner_pausedWhileWriting_isReplacedAndWritesNothingMore() throws Exception {
    PausedAdapter pausing = new PausedAdapter(CLUSTER.adapter(place));
    Store first = process("one", pausing, LEASE).create("places", transaction -> {});
    Set<Integer> acknowledged = new ConcurrentSkipListSet<>();
    FutureTask<StorageException> writer = writer(first, acknowledged);
    await().atMost(Duration.ofSeconds(30)).until(() -> acknowledged.size() > 150);
    pausing.pause();
    StorageAdapter two = process("two", LEASE);
    Store second = two.open("places");
    Set<Integer> found;
    try {
      found = numbersOnceOwned(second);
      assertThat(found).containsAll(acknowledged);
      found.add(await().ignoreExceptions().until(() -> put(second, -1), done -> true));
    } finally {
      pausing.goOn();
    }
    assertThat(writer.get(30, TimeUnit.SECONDS))
        .isInstanceOf(StorageException.StoreUnavailable.class);
    assertThat(numbersUnlessRefused(first)).isIn(Optional.empty(), Optional.of(found));
    assertThat(numbers(second)).isEqualTo(found).containsAll(acknowledged);
    two.close();
    assertThat(numbersOnceOwned(first)).isEqualTo(found);
  }

  @Test
  @Timeout(25) // closing waits 30 s for users of a database
  void owner_databaseDeletedElsewhere_failsAndReleasesIt() {
    StorageAdapter one = process("one", LEASE);
    Store first = one.create("places", transaction -> {});
    put(first, 1);
    StorageAdapter two = process("two", LEASE);
    two.delete("places");
    await("a renewal that failed first reports a lost lease")
        .untilAsserted(
            () -> assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
                .isThrownBy(() -> put(first, 2)));
    Store again = two.create("places", transaction -> {});
    assertThat(numbers(again)).isEmpty();
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> numbers(first));
    one.close();
  }
}

package io.divan.storage.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.WriteTransaction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What SQLite fails with inside a group, and what becomes of the others. */
@Timeout(60)
class SqliteFaultTest {
  private static final Table T = new Table(30, "rows");
  private static final Table OTHER = new Table(31, "other");

  @TempDir Path directory;

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private SqliteFileAdapter adapter;
  private Store store;

  @BeforeEach
  void open() {
    adapter =
        new SqliteFileAdapter(
            SqliteFileAdapter.Options.of(directory), TransactionListener.NONE);
    store = adapter.create("a", t -> t.put(T, new byte[] {0}, new byte[0]));
  }

  @AfterEach
  void close() {
    callers.close();
    adapter.close();
  }

  private static void put(WriteTransaction transaction, Table table, int key, int bytes) {
    transaction.put(table, new byte[] {1, (byte) key}, new byte[bytes]);
  }

  private static void fill(WriteTransaction transaction) {
    for (int i = 0; i < 50; i++) {
      put(transaction, T, 100 + i, 90_000);
    }
  }

  /** Limits the file to so many pages: SQLite answers SQLITE_FULL beyond them. */
  private void limitPages(int pages) {
    store.write(
        t -> {
          ((SqliteWriteTransaction) t).connection.execute("PRAGMA max_page_count = " + pages);
          return 0;
        });
  }

  private int rows(Table table) {
    return store.read(t -> t.scan(Range.all(table)).rows().size());
  }

  /** Runs works in one group: the first holds the writer until the others wait. */
  private List<Future<Integer>> inOneGroup(List<Work> works) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    List<Future<Integer>> futures = new ArrayList<>();
    Future<?> first =
        callers.submit(
            () ->
                store.write(
                    t -> {
                      begun.countDown();
                      awaitLatch(release);
                      return 0;
                    }));
    awaitLatch(begun);
    for (Work work : works) {
      futures.add(callers.submit(() -> store.write(work::run).result()));
      int waiting = futures.size();
      await().until(() -> ((SqliteStore) store).waiting() == waiting);
    }
    release.countDown();
    first.get();
    return futures;
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private interface Work {
    Integer run(WriteTransaction transaction);
  }

  @Test
  void write_throwsInAGroup_onlyItsOwnWritesAreUndone() throws Exception {
    List<Future<Integer>> futures =
        inOneGroup(
            List.of(
                t -> {
                  put(t, T, 1, 10);
                  return 1;
                },
                t -> {
                  put(t, T, 2, 10);
                  put(t, OTHER, 2, 10);
                  throw new IllegalArgumentException("mine");
                },
                t -> {
                  put(t, T, 3, 10);
                  put(t, OTHER, 3, 10);
                  return t.scan(Range.all(T)).rows().size();
                }));

    assertThat(futures.get(0).get()).isEqualTo(1);
    assertThatThrownBy(() -> futures.get(1).get())
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("mine");
    assertThat(futures.get(2).get()).isEqualTo(3);
    assertThat(rows(T)).isEqualTo(3);
    assertThat(rows(OTHER)).isEqualTo(1);
  }

  @Test
  void write_firstOfItsGroupThrows_othersCommit() throws Exception {
    List<Future<Integer>> futures =
        inOneGroup(
            List.of(
                t -> {
                  put(t, OTHER, 1, 10);
                  throw new IllegalArgumentException("mine");
                },
                t -> {
                  put(t, OTHER, 2, 10);
                  return 2;
                }));

    assertThatThrownBy(() -> futures.get(0).get()).hasMessageContaining("mine");
    assertThat(futures.get(1).get()).isEqualTo(2);
    assertThat(rows(OTHER)).isEqualTo(1);
  }

  @Test
  void write_fullInAGroup_othersCommit() throws Exception {
    limitPages(20);
    List<Future<Integer>> futures =
        inOneGroup(
            List.of(
                t -> {
                  put(t, T, 1, 10);
                  return 1;
                },
                t -> {
                  fill(t);
                  return 2;
                },
                t -> {
                  put(t, T, 3, 10);
                  return 3;
                }));

    assertThat(futures.get(0).get()).isEqualTo(1);
    assertThatThrownBy(() -> futures.get(1).get())
        .hasCauseInstanceOf(StorageException.StoreFull.class);
    assertThat(futures.get(2).get()).isEqualTo(3);
    assertThat(rows(T)).isEqualTo(3);

    limitPages(1_000_000);
    store.write(
        t -> {
          fill(t);
          return 0;
        });
    assertThat(store.<Boolean>read(t -> t.get(T, new byte[] {1, (byte) 149}).isPresent()))
        .isTrue();
  }

  @Test
  void write_workGoesOnAfterFull_failsAndWritesNothing() {
    limitPages(20);
    assertThatThrownBy(
            () ->
                store.write(
                    t -> {
                      try {
                        fill(t);
                      } catch (StorageException.StoreFull e) {
                        // Swallowed, which must not get anything written.
                      }
                      return 0;
                    }))
        .isInstanceOf(StorageException.StoreFull.class);
    assertThatThrownBy(
            () ->
                store.write(
                    t -> {
                      try {
                        fill(t);
                      } catch (StorageException.StoreFull e) {
                        put(t, OTHER, 1, 10);
                      }
                      return 0;
                    }))
        .isInstanceOf(StorageException.StoreFull.class);
    assertThat(rows(T)).isEqualTo(1);
    assertThat(rows(OTHER)).isZero();
  }

  @Test
  void write_connectionFails_storeIsOpenedAgain() {
    assertThatThrownBy(
            () ->
                store.write(
                    t -> {
                      put(t, T, 1, 10);
                      ((SqliteWriteTransaction) t).connection.close();
                      put(t, T, 2, 10);
                      return 0;
                    }))
        .isInstanceOf(StorageException.StoreUnavailable.class);

    assertThatThrownBy(() -> store.write(t -> 0))
        .isInstanceOf(StorageException.StoreUnavailable.class);
    assertThat(rows(T)).isEqualTo(1);
    await()
        .ignoreExceptionsInstanceOf(StorageException.StoreUnavailable.class)
        .until(
            () ->
                store
                    .write(
                        t -> {
                          put(t, T, 3, 10);
                          return true;
                        })
                    .result());
    assertThat(rows(T)).isEqualTo(2);
  }

  @Test
  void read_connectionFails_nextReadHasAnother() {
    assertThatThrownBy(
            () ->
                store.read(
                    t -> {
                      ((SqliteReadTransaction) t).connection.close();
                      return t.get(T, new byte[] {0});
                    }))
        .isInstanceOf(StorageException.StoreUnavailable.class);
    assertThat(rows(T)).isEqualTo(1);
  }
}

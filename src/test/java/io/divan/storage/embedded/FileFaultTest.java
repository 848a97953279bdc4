package io.divan.storage.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
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

/**
 * What fails inside a group of an adapter that has a file for each database, and what becomes of
 * the others.
 */
@Timeout(60)
public abstract class FileFaultTest {
  protected static final Table T = new Table(30, "rows");
  protected static final Table OTHER = new Table(31, "other");

  /** One member of a group. */
  protected interface Work {
    Integer run(WriteTransaction transaction);
  }

  @TempDir protected Path directory;

  protected StorageAdapter adapter;

  /** Called {@code a}; has one row. */
  protected Store store;

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

  /** An adapter whose files fail as the test wants. */
  protected abstract StorageAdapter newAdapter();

  /** Lets the store's file grow little or not at all. */
  protected abstract void limitLength() throws Exception;

  /** Ends {@link #limitLength}. */
  protected abstract void unlimitLength();

  @BeforeEach
  void open() {
    adapter = newAdapter();
    store = newStore();
  }

  @AfterEach
  void close() {
    callers.close();
    adapter.close();
  }

  protected final Store newStore() {
    return adapter.create("a", t -> t.put(T, new byte[] {0}, new byte[0]));
  }

  protected static void put(WriteTransaction transaction, Table table, int key, int bytes) {
    transaction.put(table, new byte[] {1, (byte) key}, new byte[bytes]);
  }

  /** Writes the keys 100 to 149, together 4.5 MB. */
  protected static void fill(WriteTransaction transaction) {
    for (int i = 0; i < 50; i++) {
      put(transaction, T, 100 + i, 90_000);
    }
  }

  protected final void putOnce(int key) {
    store.write(
        t -> {
          put(t, T, key, 10);
          return 0;
        });
  }

  /** Writes once the store is opened again. */
  protected final void putOnceOpen(int key) {
    await()
        .ignoreExceptionsInstanceOf(StorageException.StoreUnavailable.class)
        .until(
            () -> {
              putOnce(key);
              return true;
            });
  }

  protected final int rows(Table table) {
    return store.read(t -> t.scan(Range.all(table)).rows().size());
  }

  /** Runs works in one group: the first holds the writer until the others wait. */
  protected final List<Future<Integer>> inOneGroup(List<Work> works) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    List<Future<Integer>> futures = new ArrayList<>();
    Future<?> first =
        callers.submit(
            () -> store.write(
                t -> {
                  begun.countDown();
                  awaitLatch(release);
                  return 0;
                }));
    awaitLatch(begun);
    for (Work work : works) {
      futures.add(callers.submit(() -> store.write(work::run).result()));
      int waiting = futures.size();
      await().until(() -> ((SingleWriterStore) store).waiting() == waiting);
    }
    release.countDown();
    try {
      first.get();
    } catch (ExecutionException e) {
      // Its group's commit failed: tests of that look at the others.
    }
    return futures;
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void write_throwsInAGroup_onlyItsOwnWritesAreUndone() throws Exception {
    Versionstamp config = store.read(t -> t.configVersion());
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
                  t.bumpConfigVersion();
                  throw new IllegalArgumentException("mine");
                },
                t -> {
                  assertThat(t.configVersion()).isEqualTo(config);
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
    assertThat(store.<Versionstamp>read(t -> t.configVersion())).isEqualTo(config);
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
  void write_readsATableThatIsNotThere_makesNone() {
    store.write(t -> t.get(OTHER, new byte[] {1}));
    store.write(
        t -> {
          t.delete(OTHER, new byte[] {1});
          t.deleteRange(Range.all(OTHER));
          put(t, T, 1, 10);
          return 0;
        });
    assertThat(rows(OTHER)).isZero();
    store.write(
        t -> {
          put(t, OTHER, 1, 10);
          return 0;
        });
    assertThat(rows(OTHER)).isEqualTo(1);
  }

  @Test
  void write_fullInAGroup_othersCommit() throws Exception {
    limitLength();
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

    unlimitLength();
    store.write(
        t -> {
          fill(t);
          return 0;
        });
    assertThat(store.<Boolean>read(t -> t.get(T, new byte[] {1, (byte) 149}).isPresent()))
        .isTrue();
  }

  @Test
  void write_workGoesOnAfterFull_failsAndWritesNothing() throws Exception {
    limitLength();
    for (Table after : List.of(T, OTHER)) {
      assertThatThrownBy(
          () -> store.write(
              t -> {
                try {
                  fill(t);
                } catch (StorageException.StoreFull e) {
                  // Swallowed, which must not get anything written.
                }
                if (after.equals(OTHER)) {
                  put(t, OTHER, 1, 10);
                }
                return 0;
              }))
          .isInstanceOf(StorageException.StoreFull.class);
    }
    assertThat(rows(T)).isEqualTo(1);
    assertThat(rows(OTHER)).isZero();
    putOnce(1);
    assertThat(rows(T)).isEqualTo(2);
  }
}

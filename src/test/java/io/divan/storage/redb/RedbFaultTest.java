package io.divan.storage.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.redb.Redb;
import io.divan.storage.Range;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the disk fails with inside a group, and what becomes of the others. */
@Timeout(60)
class RedbFaultTest {
  private static final Table T = new Table(30, "rows");
  private static final Table OTHER = new Table(31, "other");

  @TempDir Path directory;

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final FaultyFile.Dials dials = new FaultyFile.Dials();
  private RedbAdapter adapter;
  private Store store;

  @BeforeEach
  void open() {
    adapter =
        new RedbAdapter(
            new RedbAdapter.Options(
                directory, 1_000, 2, 200, Duration.ofSeconds(60), InstantSource.system()),
            TransactionListener.NONE,
            this::open);
    store = adapter.create("a", t -> t.put(T, new byte[] {0}, new byte[0]));
  }

  private Redb open(Path file, long cacheBytes) {
    Redb.Options options = new Redb.Options(false, cacheBytes);
    try {
      return file.getFileName().toString().startsWith("a~")
          ? Redb.open(new FaultyFile(file, dials), file.toString(), options)
          : Redb.open(file, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void close() {
    dials.allWell();
    callers.close();
    adapter.close();
    assertThat(dials.open).isZero();
  }

  private static void put(WriteTransaction transaction, Table table, int key, int bytes) {
    transaction.put(table, new byte[] {1, (byte) key}, new byte[bytes]);
  }

  private static void fill(WriteTransaction transaction) {
    for (int i = 0; i < 50; i++) {
      put(transaction, T, 100 + i, 90_000);
    }
  }

  private void putOnce(int key) {
    store.write(
        t -> {
          put(t, T, key, 10);
          return 0;
        });
  }

  private void limitLength() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      dials.lengthMax =
          Files.size(
              files
                  .filter(file -> file.getFileName().toString().startsWith("a~"))
                  .findFirst()
                  .orElseThrow());
    }
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
      await().until(() -> ((RedbStore) store).waiting() == waiting);
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

  private interface Work {
    Integer run(WriteTransaction transaction);
  }

  @Test
  void write_group_isSyncedOnce() throws Exception {
    putOnce(1);
    int before = dials.syncs;
    putOnce(2);
    assertThat(dials.syncs - before).isEqualTo(1);

    before = dials.syncs;
    List<Future<Integer>> futures =
        inOneGroup(
            Stream.<Work>generate(
                    () ->
                        t -> {
                          put(t, T, 3, 10);
                          return 1;
                        })
                .limit(10)
                .toList());
    for (Future<Integer> future : futures) {
      future.get();
    }
    assertThat(dials.syncs - before).isEqualTo(1);

    before = dials.syncs;
    store.write(t -> t.get(T, new byte[] {0}));
    assertThat(dials.syncs).isEqualTo(before);
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

    dials.allWell();
    store.write(
        t -> {
          fill(t);
          return 0;
        });
    assertThat(store.<Boolean>read(t -> t.get(T, new byte[] {1, (byte) 149}).isPresent()))
        .isTrue();
  }

  @Test
  void write_workGoesOnAfterFull_failsAndWritesNothing() throws IOException {
    limitLength();
    for (Table after : List.of(T, OTHER)) {
      assertThatThrownBy(
              () ->
                  store.write(
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

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void write_commitFails_everybodyIsToldAndTheStoreIsOpenedAgain(boolean sync) throws Exception {
    putOnce(1);
    Snapshot snapshot = store.openSnapshot();
    List<Future<Integer>> futures =
        inOneGroup(
            List.of(
                t -> {
                  put(t, T, 2, 10);
                  return 1;
                },
                t -> {
                  t.bumpConfigVersion();
                  dials.syncsFail = sync;
                  dials.writesFail = !sync;
                  return 2;
                }));
    for (Future<Integer> future : futures) {
      assertThatThrownBy(future::get)
          .hasCauseInstanceOf(StorageException.StoreUnavailable.class);
    }
    assertThatThrownBy(() -> store.write(t -> 0))
        .isInstanceOf(StorageException.StoreUnavailable.class);
    assertThatThrownBy(() -> snapshot.get(T, new byte[] {0}))
        .isInstanceOf(StorageException.StoreUnavailable.class);

    dials.allWell();
    int rows = rows(T);
    assertThat(rows).as("the commit in flight, or the one before").isBetween(2, 3);
    await()
        .ignoreExceptionsInstanceOf(StorageException.StoreUnavailable.class)
        .until(
            () -> {
              putOnce(3);
              return true;
            });
    assertThat(rows(T)).isEqualTo(rows + 1);
    store.write(
        t -> {
          t.bumpConfigVersion();
          return 0;
        });
  }

  @Test
  void read_diskFails_nextReadIsWell() {
    store.write(
        t -> {
          fill(t);
          return 0;
        });
    dials.readsFail = true;
    assertThatThrownBy(() -> store.read(t -> t.get(T, new byte[] {1, 100})))
        .isInstanceOf(StorageException.StoreUnavailable.class);
    dials.readsFail = false;
    assertThat(store.<Boolean>read(t -> t.get(T, new byte[] {1, 100}).isPresent())).isTrue();
    putOnce(1);
  }

  @Test
  void write_diskFailsWhileItReads_storeIsOpenedAgain() {
    store.write(
        t -> {
          fill(t);
          return 0;
        });
    assertThatThrownBy(
            () ->
                store.write(
                    t -> {
                      put(t, T, 1, 10);
                      dials.readsFail = true;
                      return t.get(T, new byte[] {1, 100});
                    }))
        .isInstanceOf(StorageException.StoreUnavailable.class);
    dials.readsFail = false;
    await()
        .ignoreExceptionsInstanceOf(StorageException.StoreUnavailable.class)
        .until(
            () -> {
              putOnce(3);
              return true;
            });
    assertThat(store.<Boolean>read(t -> t.get(T, new byte[] {1, 1}).isPresent())).isFalse();
    assertThat(store.<Boolean>read(t -> t.get(T, new byte[] {1, 3}).isPresent())).isTrue();
  }

  @Test
  void delete_damagedFile_works() {
    dials.readsFail = true;
    assertThatThrownBy(() -> rows(T)).isInstanceOf(StorageException.class);
    dials.allWell();
    adapter.delete("a");
    assertThat(dials.open).isZero();
    store = adapter.create("a", t -> t.put(T, new byte[] {0}, new byte[0]));
    assertThat(rows(T)).isEqualTo(1);
  }
}

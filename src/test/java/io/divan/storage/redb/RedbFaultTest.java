package io.divan.storage.redb;

import static io.divan.storage.Capabilities.openSnapshot;
import static io.divan.storage.Capabilities.writeUnsynced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.redb.Redb;
import io.divan.redb.SharedPageCache;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.embedded.FileFaultTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Besides: what the disk fails with. */
class RedbFaultTest extends FileFaultTest {
  /** A new file has no page to spare. */
  private static final long SMALL_WRITES_BYTES = 1_000_000;

  private final FaultyFile.Dials dials = new FaultyFile.Dials();

  @Override
  protected StorageAdapter newAdapter() {
    return new RedbAdapter(
        new RedbAdapter.Options(
            directory, 1_000, 2, 200, Duration.ofSeconds(60), InstantSource.system()),
        TransactionListener.NONE,
        this::open);
  }

  private Redb open(Path file, SharedPageCache cache) {
    Redb.Options options = new Redb.Options(false, cache);
    try {
      return file.getFileName().toString().startsWith("a~")
          ? Redb.open(new FaultyFile(file, dials), file.toString(), options)
          : Redb.open(file, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected void limitLength() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      long length =
          Files.size(
              files
                  .filter(file -> file.getFileName().toString().startsWith("a~"))
                  .findFirst()
                  .orElseThrow());
      dials.lengthMax = length + SMALL_WRITES_BYTES;
    }
  }

  @Override
  protected void unlimitLength() {
    dials.allWell();
  }

  @AfterEach
  void closesEverything() {
    dials.allWell();
    adapter.close();
    assertThat(dials.open).isZero();
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
                () -> t -> {
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
  void writeUnsynced_doesNotSync() {
    putOnce(1);
    int before = dials.syncs;
    for (int i = 0; i < 20; i++) {
      writeUnsynced(store, t -> {
        put(t, T, 2, 10);
        return 1;
      });
    }
    assertThat(dials.syncs).isEqualTo(before);
    putOnce(3);
    assertThat(dials.syncs).isEqualTo(before + 1);
  }

  private int putUnsynced(int key, int bytes) {
    return writeUnsynced(
        store,
        t -> {
          put(t, T, key, bytes);
          return key;
        })
        .result();
  }

  @Test
  void writeUnsynced_largeValueOnAFullDisk_failsAlone() {
    putUnsynced(1, 100_000);
    dials.full = () -> true;
    assertThatThrownBy(() -> putUnsynced(2, 100_000))
        .isInstanceOf(StorageException.StoreFull.class);
    dials.allWell();
    putUnsynced(3, 100_000);
    putOnce(4);
    assertThat(rows(T)).isEqualTo(4);
  }

  @Test
  void writeUnsynced_engineFails_costsTheTransactionsSinceTheLastSync() {
    putOnce(1);
    putUnsynced(2, 10);
    putUnsynced(3, 100_000);
    assertThat(rows(T)).isEqualTo(4);
    dials.writesFail = true;
    assertThatThrownBy(() -> putOnce(4)).isInstanceOf(StorageException.StoreUnavailable.class);
    dials.allWell();
    putOnceOpen(5);
    assertThat(rows(T)).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void write_commitFails_everybodyIsToldAndTheStoreIsOpenedAgain(boolean sync) throws Exception {
    putOnce(1);
    Snapshot snapshot = openSnapshot(store);
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
    putOnceOpen(3);
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
        () -> store.write(
            t -> {
              put(t, T, 1, 10);
              dials.readsFail = true;
              return t.get(T, new byte[] {1, 100});
            }))
        .isInstanceOf(StorageException.StoreUnavailable.class);
    dials.readsFail = false;
    putOnceOpen(3);
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
    store = newStore();
    assertThat(rows(T)).isEqualTo(1);
  }
}

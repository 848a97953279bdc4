package io.divan.storage;

import static io.divan.storage.ContractFixture.bytes;
import static io.divan.storage.ContractFixture.get;
import static io.divan.storage.ContractFixture.meanwhile;
import static io.divan.storage.ContractFixture.put;
import static io.divan.storage.ContractFixture.result;
import static io.divan.storage.ContractFixture.rows;
import static io.divan.storage.ContractFixture.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases are deleted and adapters closed while transactions run. */
interface LifecycleContract extends ContractFixture {

  /** Ends a writer that no exception stops. */
  int WRITES_MAX = 100_000;

  private static List<Runnable> everythingOn(Store store) {
    List<Runnable> uses = new ArrayList<>();
    Collections.addAll(
        uses,
        () -> get(store, "a"),
        () -> put(store, "a=written by an old handle"),
        () -> store.write(t -> t.get(ROWS, bytes("a"))),
        store::sizeBytes);
    store
        .capability(Capability.Snapshots.class)
        .ifPresent(snapshots -> uses.add(snapshots::openSnapshot));
    store
        .capability(Capability.RangeSizes.class)
        .ifPresent(sizes -> uses.add(() -> sizes.estimatedBytes(Range.all(ROWS))));
    store
        .capability(Capability.UnsyncedWrites.class)
        .ifPresent(
            unsynced -> uses.add(() -> unsynced.writeUnsynced(t -> t.get(ROWS, bytes("a")))));
    return uses;
  }

  @Test
  default void delete_oldHandle_notFoundForever() {
    put(store(), "a=1");
    Store opened = adapter().open("db");
    adapter().delete("db");
    for (Store old : List.of(store(), opened)) {
      for (Runnable use : everythingOn(old)) {
        assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
            .isThrownBy(use::run);
      }
    }
    Store again = adapter().create("db", t -> put(t, "a", "new"));
    for (Store old : List.of(store(), opened)) {
      for (Runnable use : everythingOn(old)) {
        assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
            .isThrownBy(use::run);
      }
    }
    assertThat(rows(again)).containsExactly("a=new");
    assertThat(rows(reopen())).containsExactly("a=new");
  }

  @Test
  default void delete_reopened_staysDeleted() {
    adapter().create("gone", t -> put(t, "a", "1"));
    put(adapter().open("gone"), "b=1");
    adapter().delete("gone");
    reopen();
    assertThat(adapter().list(NameRange.all())).containsExactly("db");
    assertThat(rows(adapter().create("gone", t -> {}))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  default void delete_concurrentWrite_failsOrPrecedesDeletion(boolean createdAgain) {
    AtomicReference<Future<Boolean>> deleter = new AtomicReference<>();
    try {
      boolean deletedBefore =
          store()
              .write(
                  t -> {
                    put(t, "a", "written by an old transaction");
                    if (deleter.get() == null) {
                      deleter.set(meanwhile(() -> replace(createdAgain)));
                    }
                    put(t, "b", "written by an old transaction");
                    return deleter.get().isDone();
                  })
              .result();
      assertThat(deletedBefore).as("acknowledged after the deletion").isFalse();
    } catch (StorageException.DatabaseNotFound e) {
      assertThat(e).hasMessageContaining("db");
    }
    assertThat(result(deleter.get())).isTrue();
    if (createdAgain) {
      assertThat(rows(adapter().open("db"))).containsExactly("c=new");
      assertThat(rows(reopen())).containsExactly("c=new");
    } else {
      assertThat(adapter().list(NameRange.all())).isEmpty();
    }
  }

  private boolean replace(boolean createdAgain) {
    adapter().delete("db");
    if (createdAgain) {
      adapter().create("db", t -> put(t, "c", "new"));
    }
    return true;
  }

  @Test
  default void delete_concurrentRead_failsOrSeesItsSnapshot() {
    put(store(), "a=1", "b=1");
    AtomicReference<Future<Boolean>> deleter = new AtomicReference<>();
    try {
      List<String> seen =
          store()
              .read(
                  t -> {
                    get(t, "a");
                    if (deleter.get() == null) {
                      deleter.set(meanwhile(() -> replace(true)));
                    }
                    return rows(t.scan(Range.all(ROWS)));
                  });
      assertThat(seen).containsExactly("a=1", "b=1");
    } catch (StorageException.DatabaseNotFound e) {
      assertThat(e).hasMessageContaining("db");
    }
    assertThat(result(deleter.get())).isTrue();
    assertThat(rows(adapter().open("db"))).containsExactly("c=new");
  }

  @Test
  default void delete_concurrentWriters_noneWritesIntoTheNextIncarnation() {
    CountDownLatch underWay = new CountDownLatch(4);
    List<Future<Boolean>> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      writers.add(start(() -> writeUntilNotFound(underWay)));
    }
    awaitLatch(underWay);
    adapter().delete("db");
    Store again = adapter().create("db", t -> put(t, "new", "1"));
    writers.forEach(writer -> assertThat(result(writer)).isTrue());
    assertThat(rows(again)).containsExactly("new=1");
    assertThat(rows(reopen())).containsExactly("new=1");
  }

  private boolean writeUntilNotFound(CountDownLatch underWay) {
    try {
      for (int i = 0; i < WRITES_MAX; i++) {
        put(store(), "old=1");
        underWay.countDown();
      }
      return false;
    } catch (StorageException.DatabaseNotFound e) {
      return true;
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  default void close_laterCalls_unavailable() {
    Store system = adapter().system();
    adapter().close();
    List<Runnable> uses = new ArrayList<>(everythingOn(store()));
    uses.addAll(everythingOn(system));
    uses.add(() -> adapter().list(NameRange.all()));
    uses.add(() -> adapter().create("new", t -> {}));
    uses.add(() -> adapter().open("db"));
    uses.add(() -> adapter().delete("db"));
    uses.add(() -> get(adapter().system(), "a"));
    uses.add(() -> adapter().checkHealth());
    for (Runnable use : uses) {
      assertThatExceptionOfType(StorageException.StoreUnavailable.class).isThrownBy(use::run);
    }
    adapter().close();
  }

  @Test
  default void close_concurrentWork_endsOrUnavailable() {
    put(store(), "a=1");
    AtomicReference<Future<Boolean>> closer = new AtomicReference<>();
    boolean acknowledged;
    try {
      store()
          .write(
              t -> {
                put(t, "b", "2");
                if (closer.get() == null) {
                  closer.set(meanwhile(this::close));
                }
                put(t, "c", "3");
                return true;
              });
      acknowledged = true;
    } catch (StorageException.StoreUnavailable e) {
      acknowledged = false;
    }
    assertThat(result(closer.get())).isTrue();
    List<String> rows = rows(reopen());
    assertThat(rows.size()).as("all of it or nothing").isIn(1, 3);
    assertThat(acknowledged && rows.size() == 1).as("acknowledged and lost").isFalse();
  }

  private boolean close() {
    adapter().close();
    return true;
  }

  @Test
  default void close_concurrentWriters_losesNothingAcknowledged() {
    CountDownLatch underWay = new CountDownLatch(4);
    List<Future<Integer>> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String writer = "w" + i + "-";
      writers.add(start(() -> writeUntilUnavailable(writer, underWay)));
    }
    awaitLatch(underWay);
    adapter().close();
    List<Integer> acknowledged = writers.stream().map(ContractFixture::result).toList();
    Store reopened = reopen();
    for (int i = 0; i < 4; i++) {
      List<String> rows = rows(reopened, Range.prefix(ROWS, bytes("w" + i + "-")));
      assertThat(rows).hasSizeBetween(acknowledged.get(i), acknowledged.get(i) + 1);
    }
  }

  /** Returns the number of acknowledged writes. */
  private int writeUntilUnavailable(String writer, CountDownLatch underWay) {
    int acknowledged = 0;
    try {
      while (acknowledged < WRITES_MAX) {
        put(store(), writer + acknowledged + "=1");
        acknowledged++;
        if (acknowledged == 3) {
          underWay.countDown();
        }
      }
      throw new AssertionError("Still open");
    } catch (StorageException.StoreUnavailable e) {
      return acknowledged;
    }
  }

  @Test
  default void checkHealth_open_succeeds() {
    adapter().checkHealth();
    reopen();
    adapter().checkHealth();
    assertThat(rows(adapter().open("db"))).isEmpty();
  }
}

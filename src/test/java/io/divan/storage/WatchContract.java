package io.divan.storage;

import static io.divan.storage.Capabilities.openSnapshot;
import static io.divan.storage.ContractFixture.bytes;
import static io.divan.storage.ContractFixture.get;
import static io.divan.storage.ContractFixture.number;
import static io.divan.storage.ContractFixture.put;
import static io.divan.storage.ContractFixture.range;
import static io.divan.storage.ContractFixture.result;
import static io.divan.storage.ContractFixture.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A watch never misses a lasting change, even just after its creation. It may fire without one. */
interface WatchContract extends ContractFixture {

  Duration SOON = Duration.ofSeconds(10);

  private Watch watch(String key) {
    return store().read(t -> t.watch(ROWS, bytes(key)));
  }

  @Test
  default void await_changedAfterwards_fires() throws InterruptedException {
    List<Consumer<WriteTransaction>> changes =
        List.of(
            t -> put(t, "a", "1"),
            t -> put(t, "a", "2"),
            t -> t.add(ROWS, bytes("a"), 3),
            t -> t.delete(ROWS, bytes("a")),
            t -> t.putStampedValue(ROWS, bytes("a"), bytes(""), t.stamp(), bytes("")),
            t -> t.deleteRange(range("", "b")));
    for (Consumer<WriteTransaction> change : changes) {
      try (Watch watch = watch("a")) {
        Future<Boolean> waiting = start(() -> watch.await(SOON));
        store()
            .write(
                t -> {
                  change.accept(t);
                  return true;
                });
        assertThat(result(waiting)).isTrue();
        assertThat(watch.await(Duration.ZERO)).as("it stays fired").isTrue();
      }
    }
  }

  @Test
  default void await_changedBefore_firesAtOnce() throws InterruptedException {
    try (Watch watch = watch("a")) {
      put(store(), "a=1");
      assertThat(watch.await(SOON)).isTrue();
    }
  }

  @Test
  default void watch_olderSnapshot_missesNothing() throws InterruptedException {
    put(store(), "a=1");
    Watch inRead =
        store()
            .read(
                t -> {
                  assertThat(get(t, "a")).hasValue("1");
                  result(start(() -> put(store(), "a=2")));
                  return t.watch(ROWS, bytes("a"));
                });
    try (inRead) {
      assertThat(inRead.await(SOON)).isTrue();
    }
    try (Snapshot snapshot = openSnapshot(store())) {
      put(store(), "a=3");
      try (Watch inSnapshot = snapshot.watch(ROWS, bytes("a"))) {
        assertThat(inSnapshot.await(SOON)).isTrue();
      }
    }
  }

  @Test
  default void watch_inAWrite_outlivesTheTransaction() throws InterruptedException {
    Watch watch =
        store()
            .write(
                t -> {
                  put(t, "b", "1");
                  return t.watch(ROWS, bytes("a"));
                })
            .result();
    try (watch) {
      put(store(), "a=1");
      assertThat(watch.await(SOON)).isTrue();
    }
  }

  @Test
  default void watch_noChange_timesOut() throws InterruptedException {
    try (Watch watch = watch("a")) {
      long begin = System.nanoTime();
      boolean fired = watch.await(Duration.ofMillis(50));
      Duration waited = Duration.ofNanos(System.nanoTime() - begin);
      assertThat(waited).isLessThan(SOON);
      assertThat(fired || waited.toMillis() >= 49).isTrue();
    }
  }

  @Test
  default void close_waitingThreads_woken() {
    Watch watch = watch("a");
    List<Future<Boolean>> waiting = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      waiting.add(start(() -> watch.await(Duration.ofMinutes(5))));
    }
    watch.close();
    for (Future<Boolean> waiter : waiting) {
      assertThat(result(waiter)).isFalse();
    }
    watch.close();
    assertThat(result(start(() -> watch.await(SOON)))).isFalse();
  }

  @Test
  default void await_interrupted_throws() {
    try (Watch watch = watch("a")) {
      assertThatExceptionOfType(InterruptedException.class)
          .isThrownBy(
              () -> {
                Thread.currentThread().interrupt();
                watch.await(SOON);
              });
    }
  }

  @Test
  default void await_databaseDeleted_fires() {
    try (Watch watch = watch("a")) {
      Future<Boolean> waiting = start(() -> watch.await(Duration.ofMinutes(5)));
      adapter().delete("db");
      assertThat(result(waiting)).isTrue();
    }
  }

  @Test
  default void await_adapterClosed_fires() {
    try (Watch watch = watch("a")) {
      Future<Boolean> waiting = start(() -> watch.await(Duration.ofMinutes(5)));
      adapter().close();
      assertThat(result(waiting)).isTrue();
    }
  }

  @Test
  default void watch_changeBetweenReadAndWatch_fires() {
    int last = 60;
    List<Future<Boolean>> followers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      followers.add(start(() -> follow(last)));
    }
    for (int i = 0; i < last; i++) {
      store()
          .write(
              t -> {
                t.add(ROWS, bytes("n"), 1);
                return true;
              });
    }
    followers.forEach(follower -> assertThat(result(follower)).isTrue());
  }

  record Seen(long number, Watch watch) {}

  /** Reads and watches a counter until it reaches its last value. */
  private boolean follow(int last) throws InterruptedException {
    while (true) {
      Seen seen =
          store()
              .read(t -> new Seen(number(t.get(ROWS, bytes("n"))), t.watch(ROWS, bytes("n"))));
      try (Watch watch = seen.watch()) {
        if (seen.number() == last) {
          return true;
        }
        if (!watch.await(SOON)) {
          return false;
        }
      }
    }
  }

  @Test
  default void watch_manyKeys_eachFires() throws InterruptedException {
    List<Watch> watches = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      watches.add(watch("key" + i));
    }
    put(store(), "key7=1", "key150=1");
    store()
        .write(
            t -> {
              t.put(OTHERS, bytes("key3"), bytes("of another table"));
              return true;
            });
    assertThat(watches.get(7).await(SOON)).isTrue();
    assertThat(watches.get(150).await(SOON)).isTrue();
    store()
        .write(
            t -> {
              for (int i = 0; i < 200; i++) {
                put(t, "key" + i, "2");
              }
              return true;
            });
    for (Watch watch : watches) {
      assertThat(watch.await(SOON)).isTrue();
      watch.close();
    }
  }
}

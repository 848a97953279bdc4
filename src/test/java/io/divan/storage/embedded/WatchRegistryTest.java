package io.divan.storage.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WatchRegistryTest {
  private static final Table TABLE = new Table(1, "rows");
  private static final Duration LONG = Duration.ofSeconds(30);

  private final WatchRegistry registry = new WatchRegistry(20_000);

  private void commit(int... keys) {
    WatchRegistry.Touched touched = new WatchRegistry.Touched();
    for (int key : keys) {
      touched.add(TABLE, key(key));
    }
    registry.committed(touched);
  }

  private static byte[] key(int key) {
    return new byte[] {(byte) (key >> 8), (byte) key};
  }

  @Test
  void await_keyChanged_fires() throws Exception {
    Watch watch = registry.watch(registry.mark(), TABLE, key(1));
    assertThat(watch.await(Duration.ZERO)).isFalse();

    commit(1);

    assertThat(watch.await(LONG)).isTrue();
    assertThat(watch.await(Duration.ZERO)).isTrue();
    assertThat(registry.size()).isZero();
  }

  @Test
  void await_otherKeysChanged_mostWatchesStayArmed() throws Exception {
    List<Watch> watches = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      watches.add(registry.watch(registry.mark(), TABLE, key(i)));
    }

    commit(5_000, 5_001);

    int fired = 0;
    for (Watch watch : watches) {
      fired += watch.await(Duration.ZERO) ? 1 : 0;
    }
    assertThat(fired).isLessThan(50);
    assertThat(registry.size()).isEqualTo(1_000 - fired);
  }

  @Test
  void await_wholeTableTouched_firesItsWatchesOnly() throws Exception {
    Table other = new Table(TABLE.number() + 1, "other");
    Watch watch = registry.watch(registry.mark(), TABLE, key(1));
    Watch ofOther = registry.watch(registry.mark(), other, key(1));
    WatchRegistry.Touched touched = new WatchRegistry.Touched();
    touched.addAll(TABLE);
    registry.committed(touched);
    assertThat(watch.await(LONG)).isTrue();
    assertThat(ofOther.await(Duration.ZERO)).isFalse();
    assertThat(registry.size()).isEqualTo(1);
  }

  @Test
  void watch_commitSinceTheMark_firesAtOnce() throws Exception {
    long mark = registry.mark();
    commit(1);
    assertThat(registry.watch(mark, TABLE, key(1)).await(Duration.ZERO)).isTrue();
    assertThat(registry.size()).isZero();
  }

  @Test
  void close_whileAwaited_answersFalse() throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Watch watch = registry.watch(registry.mark(), TABLE, key(1));
      Thread[] waiter = new Thread[1];
      Future<Boolean> answer =
          callers.submit(
              () -> {
                waiter[0] = Thread.currentThread();
                return watch.await(LONG);
              });
      await().until(() -> waiter[0] != null && waiter[0].getState() == Thread.State.TIMED_WAITING);

      watch.close();

      assertThat(answer.get(30, TimeUnit.SECONDS)).isFalse();
      assertThat(registry.size()).isZero();
    }
  }

  @Test
  void watch_limitReached_isRefusedUntilOneIsClosed() {
    WatchRegistry small = new WatchRegistry(1);
    Watch first = small.watch(small.mark(), TABLE, key(1));
    assertThatThrownBy(() -> small.watch(small.mark(), TABLE, key(2)))
        .isInstanceOf(StorageException.StoreUnavailable.class);

    first.close();

    small.watch(small.mark(), TABLE, key(2)).close();
    assertThat(small.size()).isZero();
  }

  @Test
  void close_registry_firesWatchesAndThoseToCome() throws Exception {
    Watch before = registry.watch(registry.mark(), TABLE, key(1));
    registry.close();
    assertThat(before.await(Duration.ZERO)).isTrue();
    assertThat(registry.watch(registry.mark(), TABLE, key(2)).await(Duration.ZERO)).isTrue();
  }

  @Test
  void await_tenThousandVirtualThreads_allWake() throws Exception {
    int count = 10_000;
    AtomicInteger parked = new AtomicInteger();
    List<Future<Boolean>> answers = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        Watch watch = registry.watch(registry.mark(), TABLE, key(i));
        answers.add(
            callers.submit(
                () -> {
                  parked.incrementAndGet();
                  return watch.await(LONG);
                }));
      }
      await().until(() -> parked.get() == count);

      registry.close();

      for (Future<Boolean> answer : answers) {
        assertThat(answer.get(30, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  /** A register that changes while readers read it, watch it and wait: none sleeps on old news. */
  @Test
  void watch_concurrentCommits_noChangeIsLost() throws Exception {
    int last = 20_000;
    AtomicInteger register = new AtomicInteger();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        readers.add(
            callers.submit(
                () -> {
                  while (true) {
                    long mark = registry.mark();
                    int seen = register.get();
                    try (Watch watch = registry.watch(mark, TABLE, key(1))) {
                      if (seen == last) {
                        return seen;
                      }
                      assertThat(watch.await(LONG)).as("woken after %d", seen).isTrue();
                    }
                  }
                }));
      }
      for (int i = 1; i <= last; i++) {
        register.set(i);
        commit(1);
      }
      for (Future<Integer> reader : readers) {
        assertThat(reader.get(30, TimeUnit.SECONDS)).isEqualTo(last);
      }
    }
    assertThat(registry.size()).isZero();
  }
}

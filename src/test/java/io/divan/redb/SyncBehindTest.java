package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SyncBehindTest {
  private static final int LARGE = (int) SyncBehind.BYTES;

  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final AtomicInteger syncs = new AtomicInteger();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void end() {
    goOn.countDown();
    threads.close();
  }

  private void held() throws IOException {
    syncs.incrementAndGet();
    begun.countDown();
    try {
      assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void written_smallCommit_syncsOnce() throws Exception {
    SyncBehind behind = new SyncBehind(threads, syncs::incrementAndGet);
    for (int i = 0; i < 5; i++) {
      behind.written(LARGE - 1);
      behind.sync();
    }
    assertThat(syncs).hasValue(5);
  }

  @Test
  void written_largeCommit_syncsConcurrently() throws Exception {
    SyncBehind behind = new SyncBehind(threads, this::held);
    behind.written(LARGE / 2);
    behind.written(LARGE / 2);
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    behind.written(LARGE); // one at a time
    assertThat(syncs).hasValue(1);
    goOn.countDown();
    behind.sync();
    assertThat(syncs).hasValue(2);
  }

  @Test
  void start_enoughWritten_syncsConcurrently() throws Exception {
    SyncBehind behind = new SyncBehind(threads, this::held);
    behind.written(999);
    behind.start(1_000);
    behind.written(1);
    behind.start(1_000);
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    behind.written(1_000);
    behind.start(1_000); // one at a time
    goOn.countDown();
    behind.sync();
    assertThat(syncs).hasValue(2);
  }

  @Test
  void start_littleWritten_doesNotSync() throws Exception {
    SyncBehind behind = new SyncBehind(threads, syncs::incrementAndGet);
    for (int i = 0; i < 5; i++) {
      behind.written(999);
      behind.start(1_000);
      behind.sync();
    }
    assertThat(syncs).hasValue(5);
  }

  @Test
  void sync_afterFailedConcurrentSync_keepsFailing() throws Exception {
    SyncBehind behind =
        new SyncBehind(
            threads,
            () -> {
              if (syncs.getAndIncrement() == 0) {
                throw new IOException("reported once");
              }
            });
    behind.written(LARGE);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(behind::sync).isInstanceOf(IOException.class).hasMessage("reported once");
    }
    assertThatThrownBy(() -> behind.written(LARGE)).hasMessage("reported once");
    assertThat(syncs).hasValue(1);
  }

  @Test
  void sync_onAVirtualThread_runsOnAnother() throws Exception {
    Thread[] used = new Thread[1];
    SyncBehind behind = new SyncBehind(threads, () -> used[0] = Thread.currentThread());
    Thread virtual =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    behind.sync();
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                });
    virtual.join();
    assertThat(used[0]).isNotNull().matches(thread -> !thread.isVirtual());
  }
}

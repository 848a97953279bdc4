package io.divan.storage.checked;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.divan.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HealthCheckTest {
  private static final Duration LONG = Duration.ofSeconds(50);

  @Test
  void run_hungStorage_failsInTimeWithOneThread() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch end = new CountDownLatch(1);
    HealthCheck check =
        new HealthCheck(
            () -> {
              runs.incrementAndGet();
              await(end);
            },
            Duration.ofMillis(50));

    for (int i = 0; i < 20; i++) {
      assertThatExceptionOfType(StorageException.StoreUnavailable.class)
          .isThrownBy(check::run)
          .withMessage("The storage did not respond within 50 ms");
    }
    assertThat(runs).hasValue(1);

    end.countDown();
    while (runs.get() == 1) { // until the hung check has ended
      try {
        check.run();
      } catch (StorageException.StoreUnavailable e) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void run_secondCaller_waitsForTheFirstCheck() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    Semaphore started = new Semaphore(0);
    CountDownLatch end = new CountDownLatch(1);
    HealthCheck check =
        new HealthCheck(
            () -> {
              runs.incrementAndGet();
              started.release();
              await(end);
              throw new StorageException.StoreUnavailable("lost");
            },
            LONG);
    Thread first = Thread.ofPlatform().start(() -> callFailing(check));
    started.acquire();
    Thread second = Thread.ofPlatform().start(() -> callFailing(check));
    while (second.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }

    end.countDown();
    first.join();
    second.join();

    assertThat(runs).hasValue(1);
  }

  private static void callFailing(HealthCheck check) {
    assertThatExceptionOfType(StorageException.StoreUnavailable.class)
        .isThrownBy(check::run)
        .withMessage("lost");
  }

  @Test
  void run_afterAFailure_checksAgain() {
    AtomicInteger runs = new AtomicInteger();
    HealthCheck check =
        new HealthCheck(
            () -> {
              if (runs.incrementAndGet() == 1) {
                throw new StorageException.StoreUnavailable("lost");
              }
            },
            LONG);

    callFailing(check);

    assertThatNoException().isThrownBy(check::run);
    assertThat(runs).hasValue(2);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}

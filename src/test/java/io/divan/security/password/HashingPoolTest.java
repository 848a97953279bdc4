package io.divan.security.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The threads that hash, and the work that waits for them. */
class HashingPoolTest {
  private final HashingPool<String> pool =
      new HashingPool<>(new HashingPool.Limits(1, 1, Duration.ofSeconds(60)));
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger runs = new AtomicInteger();

  @AfterEach
  void close() {
    release.countDown();
    pool.close();
    callers.close();
  }

  private boolean block() throws InterruptedException {
    runs.incrementAndGet();
    begun.countDown();
    return release.await(60, TimeUnit.SECONDS);
  }

  private CompletableFuture<Boolean> check(String key) {
    return CompletableFuture.supplyAsync(() -> pool.run(key, this::block), callers);
  }

  private static void await(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void run_fullQueue_isOverloaded() throws Exception {
    CompletableFuture<Boolean> first = check("first");
    await(begun);
    CompletableFuture<Boolean> second = check("second");
    while (pool.waiting() < 1) {
      Thread.onSpinWait();
    }

    assertThatThrownBy(() -> pool.run("third", () -> true))
        .isInstanceOf(PasswordHasher.Overloaded.class);
    assertThatThrownBy(() -> pool.run(() -> 1)).isInstanceOf(PasswordHasher.Overloaded.class);

    release.countDown();
    assertThat(first.get()).isTrue();
    assertThat(second.get()).isTrue();
    assertThat(pool.run("third", () -> true)).isTrue();
  }

  @Test
  void run_equalChecks_shareOneComputation() throws Exception {
    CompletableFuture<Boolean> first = check("same");
    await(begun);
    CompletableFuture<Boolean> second = check("same");
    CompletableFuture<Boolean> third = check("same");
    while (pool.waiters("same") < 3) {
      Thread.onSpinWait();
    }

    release.countDown();

    assertThat(first.get()).isTrue();
    assertThat(second.get()).isTrue();
    assertThat(third.get()).isTrue();
    assertThat(runs).hasValue(1);
    assertThat(pool.waiters("same")).isZero();
  }

  @Test
  void run_waitTooLong_cancelsTheComputation() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    try (HashingPool<String> impatient =
        new HashingPool<>(new HashingPool.Limits(1, 1, Duration.ofMillis(20)))) {
      assertThatThrownBy(
          () -> impatient.run(
              "slow",
              () -> {
                try {
                  return release.await(60, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                  cancelled.countDown();
                  throw new CancellationException();
                }
              }))
          .isInstanceOf(PasswordHasher.Overloaded.class);
      await(cancelled);
      assertThat(impatient.waiters("slow")).isZero();
    }
  }

  @Test
  void run_interruptedCaller_leavesOthersWaiting() throws Exception {
    CompletableFuture<Boolean> patient = check("same");
    await(begun);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    pool.run("same", this::block);
                  } catch (PasswordHasher.Overloaded e) {
                    interrupted.complete(Thread.currentThread().isInterrupted());
                  }
                });
    while (pool.waiters("same") < 2) {
      Thread.onSpinWait();
    }

    caller.interrupt();

    assertThat(interrupted.get(60, TimeUnit.SECONDS)).isTrue();
    assertThat(pool.waiters("same")).isEqualTo(1);
    release.countDown();
    assertThat(patient.get()).isTrue();
  }
}

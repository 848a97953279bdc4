package io.divan.storage.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PeriodicTaskTest {

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void run_taskThrows_runsAgain(boolean isError) throws InterruptedException {
    CountDownLatch runs = new CountDownLatch(3);
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
      timer.scheduleWithFixedDelay(
          new PeriodicTask(
              "test",
              () -> {
                runs.countDown();
                if (isError) {
                  throw new AssertionError("mine");
                }
                throw new IllegalStateException("mine");
              }),
          0,
          1,
          TimeUnit.MILLISECONDS);
      assertThat(runs.await(30, TimeUnit.SECONDS)).isTrue();
      timer.shutdownNow();
    }
  }

  @Test
  void run_virtualMachineFails_throws() {
    PeriodicTask task =
        new PeriodicTask(
            "test",
            () -> {
              throw new InternalError("mine");
            });
    assertThatThrownBy(task::run).isInstanceOf(InternalError.class);
  }
}

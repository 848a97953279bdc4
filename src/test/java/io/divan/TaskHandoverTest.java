package io.divan;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.background.BackgroundTask;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two instances over one cluster: one stops while it runs a background task. */
@Timeout(120)
class TaskHandoverTest {
  private static final Duration PERIOD = Duration.ofMillis(50);

  /** Less than an instance waits for the lease of another one that no longer renews it: 10 s. */
  private static final Duration AT_ONCE = Duration.ofSeconds(5);

  @TempDir Path directory;

  private record Task(Consumer<TaskRun> work) implements BackgroundTask {
    @Override
    public String type() {
      return "handed_over";
    }

    @Override
    public String subject() {
      return "";
    }

    @Override
    public void run(TaskRun run) {
      work.accept(run);
    }
  }

  private Service start() {
    return Service.start(SharedCluster.class, directory, "--divan.storage.backend="
        + SharedCluster.NAME);
  }

  private static void repeat(Service service, Consumer<TaskRun> work) {
    service.part(BackgroundTasks.class).repeat(PERIOD, new Task(work));
  }

  @Test
  void stop_taskRuns_otherInstanceTakesItOverAtOnce() throws InterruptedException {
    CountDownLatch runs = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    CountDownLatch takenOver = new CountDownLatch(1);
    try (Service other = start()) {
      try (Service stopping = start()) {
        repeat(
            stopping,
            run -> {
              runs.countDown();
              while (!run.isCancelled()) {
                LockSupport.parkNanos(PERIOD.toNanos());
              }
              assertThat(takenOver.getCount()).as("no other instance runs it").isOne();
              ended.countDown();
            });
        runs.await();
        repeat(other, run -> takenOver.countDown());
        assertThat(takenOver.await(4 * PERIOD.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
      }
      assertThat(ended.getCount()).as("the stop waited for the task").isZero();
      assertThat(takenOver.await(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    }
  }
}

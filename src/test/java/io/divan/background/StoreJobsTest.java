package io.divan.background;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StoreJobsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ManualTimer timer = new ManualTimer();
  private final BackgroundTasks tasks =
      new BackgroundTasks(
          TaskLeases.exclusive(),
          new ActiveTasks(Clock.systemUTC()),
          timer,
          new BackgroundTasks.Options(1, 1, 1, 1, SECOND, SECOND, Duration.ofMillis(1)));
  private final StoreJobs<Sum> jobs = new StoreJobs<>(tasks);
  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final List<String> runs = new ArrayList<>();

  @AfterEach
  void close() {
    tasks.close();
    adapter.close();
  }

  /** Adds up what is requested, and more that is requested while it runs. */
  private final class Sum extends StoreJobs.Job {
    private int requested;
    private int whileRunning;

    Sum(Store store) {
      super(jobs, store);
    }

    @Override
    public String type() {
      return "sum";
    }

    @Override
    public void run(TaskRun run) {
      boolean ended = false;
      while (!ended) {
        runs.add(store().name() + " " + requested);
        requested = 0;
        if (whileRunning > 0) {
          request(store(), whileRunning);
          whileRunning = 0;
        }
        ended = finish(() -> requested > 0);
      }
    }
  }

  private boolean request(Store store, int number) {
    return jobs.request(store, Sum::new, job -> job.requested += number);
  }

  private Store store(String name) {
    return adapter.create(name, transaction -> {});
  }

  @Test
  void request_ofAStoreWithATask_goesToIt() {
    Store store = store("a");
    assertThat(request(store, 1)).isTrue();
    assertThat(request(store, 2)).isTrue();
    assertThat(jobs.find(store)).hasValueSatisfying(job -> assertThat(job.requested).isEqualTo(3));
    timer.pass(SECOND);
    assertThat(runs).containsExactly("a 3");
    assertThat(jobs.find(store)).isEmpty();
    assertThat(request(store, 4)).isTrue();
    timer.pass(SECOND);
    assertThat(runs).containsExactly("a 3", "a 4");
  }

  @Test
  void request_whileTheTaskRuns_isDoneByIt() {
    Store store = store("a");
    jobs.request(store, Sum::new, job -> job.whileRunning = 5);
    timer.pass(SECOND);
    assertThat(runs).containsExactly("a 0", "a 5");
    assertThat(jobs.find(store)).isEmpty();
  }

  @Test
  void request_whileTooManyWait_isRefused() {
    assertThat(request(store("a"), 1)).isTrue();
    assertThat(request(store("b"), 1)).isTrue();
    Store last = store("c");
    assertThat(request(last, 1)).isFalse();
    assertThat(jobs.find(last)).isEmpty();
    timer.pass(SECOND);
    assertThat(request(last, 1)).isTrue();
    timer.pass(SECOND);
    assertThat(runs).containsExactly("a 1", "b 1", "c 1");
  }
}

package io.divan.background;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.Range;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.lease.Leases;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BackgroundTasksTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final BackgroundTasks.Options OPTIONS =
      new BackgroundTasks.Options(
          2, 3, 2, 3, SECOND, Duration.ofSeconds(8), Duration.ofMillis(1));

  private final ActiveTasks active =
      new ActiveTasks(Clock.fixed(Instant.ofEpochSecond(7), ZoneOffset.UTC));
  private final ManualTimer timer = new ManualTimer();
  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final List<BackgroundTasks> all = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private final BackgroundTasks tasks = tasks(TaskLeases.exclusive(), OPTIONS);

  private BackgroundTasks tasks(TaskLeases leases, BackgroundTasks.Options options) {
    BackgroundTasks made = new BackgroundTasks(leases, active, timer, options);
    all.add(made);
    return made;
  }

  /** The tasks of another process; its leases last for a minute of the timer's time. */
  private BackgroundTasks instance(String name) {
    return tasks(
        TaskLeases.shared(
            adapter::system,
            Leases.Options.shared(name)
                .nanoTime(timer::nanoTime)
                .duration(LEASE)),
        new BackgroundTasks.Options(2, 3, 2, 5, LEASE.dividedBy(2), LEASE, Duration.ofMillis(1)));
  }

  @AfterEach
  void close() {
    all.forEach(BackgroundTasks::close);
    adapter.close();
  }

  private BackgroundTask task(String subject, Consumer<TaskRun> work) {
    return new BackgroundTask() {
      @Override
      public String type() {
        return "test";
      }

      @Override
      public String subject() {
        return subject;
      }

      @Override
      public void run(TaskRun run) {
        events.add("run " + subject);
        work.accept(run);
      }

      @Override
      public void ended() {
        events.add("ended " + subject);
      }
    };
  }

  private static void fail(TaskRun run) {
    throw new AssertionError("wanted");
  }

  private List<String> events() {
    List<String> since = List.copyOf(events);
    events.clear();
    return since;
  }

  @Test
  void submit_runsOnce_andListsProgress() {
    tasks.submit(
        task(
            "a",
            run -> {
              assertThat(active.list()).isEmpty();
              run.progress(0, 4);
              run.progress(1, 4);
              assertThat(active.list())
                  .containsExactly(new ActiveTasks.Task(1, "test", "a", 7, 7, 1, 4,
                      new TreeMap<>()));
            }));
    timer.pass(Duration.ofHours(1));
    assertThat(events()).containsExactly("run a", "ended a");
    assertThat(active.list()).isEmpty();
  }

  @Test
  void submit_more_boundedRunningAndWaiting() {
    for (String subject : List.of("a", "b", "c", "d", "e")) {
      assertThat(tasks.submit(task(subject, run -> {}))).isPresent();
    }
    assertThat(tasks.submit(task("f", run -> {}))).isEmpty();
    assertThat(timer.startedCount()).isEqualTo(2);
    timer.runNext();
    assertThat(timer.startedCount()).isEqualTo(2);
    assertThat(tasks.submit(task("g", run -> {}))).isPresent();
    timer.run();
    assertThat(events().stream().filter(event -> event.startsWith("run")))
        .containsExactly("run a", "run b", "run c", "run d", "run e", "run g");
  }

  @Test
  void submit_thatThrows_isRetriedWithLongerDelays_andGivenUp() {
    tasks.submit(task("a", BackgroundTasksTest::fail));
    timer.run();
    assertThat(events()).containsExactly("run a");
    timer.pass(SECOND.minusNanos(1));
    assertThat(events()).isEmpty();
    timer.pass(Duration.ofNanos(1));
    assertThat(events()).containsExactly("run a");
    timer.pass(Duration.ofSeconds(2).minusNanos(1));
    assertThat(events()).isEmpty();
    timer.pass(Duration.ofNanos(1));
    assertThat(events()).containsExactly("run a", "ended a");
    timer.pass(Duration.ofHours(1));
    assertThat(events()).isEmpty();
  }

  @Test
  void submit_thatThrowsOnce_succeedsLater_andLetsOthersRun() {
    int[] attempts = new int[1];
    tasks.submit(
        task(
            "a",
            run -> {
              run.progress(1, 2);
              if (attempts[0]++ == 0) {
                throw new IllegalStateException("wanted");
              }
            }));
    timer.run();
    assertThat(active.list()).isEmpty();
    tasks.submit(task("b", run -> {}));
    timer.pass(SECOND);
    assertThat(events()).containsExactly("run a", "run b", "ended b", "run a", "ended a");
  }

  @Test
  void cancel_waitingAndRunning() {
    List<BackgroundTasks.Handle> handles = new ArrayList<>();
    BackgroundTask cancelsItself =
        task(
            "a",
            run -> {
              assertThat(run.isCancelled()).isFalse();
              handles.getFirst().cancel();
              assertThat(run.isCancelled()).isTrue();
              throw new IllegalStateException("stopped");
            });
    handles.add(tasks.submit(cancelsItself).orElseThrow());
    tasks.submit(task("b", run -> {}));
    BackgroundTasks.Handle waits = tasks.submit(task("c", run -> {})).orElseThrow();
    waits.cancel();
    assertThat(events()).containsExactly("ended c");
    timer.pass(Duration.ofHours(1));
    assertThat(events()).containsExactly("run a", "ended a", "run b", "ended b");
  }

  @Test
  void repeat_thatThrows_goesOn_untilCancelled() {
    BackgroundTasks.Handle handle = tasks.repeat(SECOND, task("a", BackgroundTasksTest::fail));
    timer.pass(SECOND);
    assertThat(events()).containsExactly("run a");
    timer.pass(Duration.ofSeconds(63));
    assertThat(events()).hasSizeBetween(8, 11).containsOnly("run a"); // at last every 8 s
    handle.cancel();
    assertThat(events()).containsExactly("ended a");
    timer.pass(Duration.ofHours(1));
    assertThat(events()).isEmpty();
  }

  @Test
  void repeat_besideLongTasks_isNotDelayed() {
    tasks.submit(task("long", run -> timer.pass(SECOND)));
    tasks.submit(task("long", run -> timer.pass(SECOND)));
    tasks.repeat(SECOND, task("a", run -> {}));
    timer.runNext();
    assertThat(events()).contains("run a");
  }

  @Test
  void repeat_tooMany_refused() {
    tasks.repeat(SECOND, task("a", run -> {}));
    BackgroundTasks.Handle handle = tasks.repeat(SECOND, task("b", run -> {}));
    assertThatThrownBy(() -> tasks.repeat(SECOND, task("c", run -> {})))
        .isInstanceOf(IllegalStateException.class);
    handle.cancel();
    tasks.repeat(SECOND, task("c", run -> {}));
  }

  @Test
  void close_endsWhatWaits_andRefusesMore() {
    tasks.submit(task("a", BackgroundTasksTest::fail));
    timer.run();
    tasks.repeat(SECOND, task("b", run -> {}));
    events();
    tasks.close();
    assertThat(events()).containsExactlyInAnyOrder("ended a", "ended b");
    assertThat(tasks.submit(task("c", run -> {}))).isEmpty();
  }

  @Test
  void shared_oneOfTwoInstances_runsATask() {
    BackgroundTasks other = instance("other");
    instance("one")
        .submit(
            task(
                "a",
                run -> {
                  other.submit(task("a", inner -> events.add("beside")));
                  timer.run();
                  timer.pass(SECOND);
                  events.add("done");
                }));
    timer.pass(Duration.ofHours(1));
    assertThat(events())
        .containsExactly("run a", "done", "ended a", "run a", "beside", "ended a");
  }

  @Test
  void shared_periodicTask_isOneInstancesUntilThatCloses() {
    BackgroundTasks one = instance("one");
    one.repeat(SECOND, task("a", run -> events.add("one")));
    instance("other").repeat(SECOND, task("a", run -> events.add("other")));
    timer.pass(Duration.ofSeconds(3));
    assertThat(events()).contains("one").doesNotContain("other");
    one.close();
    timer.pass(Duration.ofSeconds(3));
    assertThat(events()).contains("other").doesNotContain("one");
  }

  @Test
  void shared_leaseNotRenewed_cancelsAndFences() {
    Table table = new Table(200, "test");
    BackgroundTasks other = instance("other");
    instance("one")
        .submit(
            task(
                "a",
                run -> {
                  assertThat(run.isCancelled()).isFalse();
                  other.submit(task("a", inner -> events.add("taken over")));
                  timer.run(); // it sees who holds the lease
                  timer.pass(LEASE.multipliedBy(2));
                  assertThat(run.isCancelled()).isTrue();
                  assertThatThrownBy(
                      () -> adapter
                          .system()
                          .write(
                              transaction -> {
                                run.fence(transaction);
                                transaction.put(table, new byte[1], new byte[0]);
                                return true;
                              }))
                      .isInstanceOf(StorageException.StoreUnavailable.class);
                }));
    timer.pass(Duration.ofHours(1));
    assertThat(events()).contains("taken over");
    assertThat(adapter.system().<List<?>>read(tx -> tx.scan(Range.all(table)).rows())).isEmpty();
  }

  @Test
  void exclusive_writesNothing() {
    tasks.submit(task("a", run -> {}));
    tasks.repeat(SECOND, task("b", run -> run.fence(null)));
    timer.pass(Duration.ofSeconds(3));
    assertThat(adapter.system().<List<?>>read(tx -> tx.scan(Range.all(TaskLeases.TABLE)).rows()))
        .isEmpty();
  }
}

package io.divan.background;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ActiveTasksTest {
  private final ActiveTasks tasks =
      new ActiveTasks(Clock.fixed(Instant.ofEpochSecond(7), ZoneOffset.UTC));

  @Test
  void list_tasksBegun_tellsThemInOrderUntilClosed() {
    ActiveTasks.Running one = tasks.begin("database_compaction", "a", 40);
    ActiveTasks.Running two = tasks.begin("database_compaction", "b", 0);
    one.update(10, 40);
    assertThat(tasks.list())
        .containsExactly(
            new ActiveTasks.Task(1, "database_compaction", "a", 7, 7, 10, 40),
            new ActiveTasks.Task(2, "database_compaction", "b", 7, 7, 0, 0));
    two.close();
    one.update(11, 40);
    assertThat(tasks.list())
        .containsExactly(new ActiveTasks.Task(1, "database_compaction", "a", 7, 7, 11, 40));
    one.close();
    one.close();
    assertThat(tasks.list()).isEmpty();
  }

  @Test
  void progress_ofWhatIsDone_isBetweenNoneAndAll() {
    assertThat(progress(0, 0)).isZero();
    assertThat(progress(1, 3)).isEqualTo(33);
    assertThat(progress(2, 3)).isEqualTo(66);
    assertThat(progress(Long.MAX_VALUE - 1, Long.MAX_VALUE)).isEqualTo(100);
    assertThat(progress(5, 4)).isEqualTo(100);
  }

  private static int progress(long done, long total) {
    return new ActiveTasks.Task(1, "t", "d", 0, 0, done, total).progress();
  }
}

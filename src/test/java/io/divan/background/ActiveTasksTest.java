package io.divan.background;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
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
            task(1, "a", 10, 40),
            task(2, "b", 0, 0));
    two.close();
    one.update(11, 40);
    assertThat(tasks.list())
        .containsExactly(task(1, "a", 11, 40));
    one.close();
    one.close();
    assertThat(tasks.list()).isEmpty();
  }

  private static ActiveTasks.Task task(long number, String database, long done, long total) {
    return new ActiveTasks.Task(
        number, "database_compaction", database, 7, 7, done, total, new TreeMap<>());
  }

  @Test
  void members_areListedFromTheUpdateOn() {
    ActiveTasks.Running task = tasks.begin("indexer", "a", 40);
    assertThat(tasks.list().getFirst().members()).isEmpty();
    task.update(1, 40, new TreeMap<>(Map.of("design_document", "_design/i")));
    task.update(2, 40);
    assertThat(tasks.list().getFirst().members()).containsOnlyKeys("design_document");
    assertThat(tasks.list().getFirst().changesDone()).isEqualTo(2);
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
    return task(1, "d", done, total).progress();
  }
}

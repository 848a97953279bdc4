package io.divan.background;

import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the service does by itself for longer than a moment, as CouchDB's {@code _active_tasks}
 * tells it. A task is listed from {@link #begin} until it is closed. Safe for use by many threads.
 */
public final class ActiveTasks {

  /**
   * A task as it was at one moment.
   *
   * @param number its place among all tasks this process ever began, from 1
   * @param type what it does, such as {@code database_compaction}
   * @param database the database it does it to
   * @param startedOn seconds since 1970
   * @param updatedOn seconds since 1970
   * @param changesDone how much is done
   * @param totalChanges how much there is to do, as far as is known
   */
  public record Task(
      long number,
      String type,
      String database,
      long startedOn,
      long updatedOn,
      long changesDone,
      long totalChanges) {

    /** How much is done, in percent from 0 to 100. */
    public int progress() {
      return totalChanges <= 0
          ? 0
          : (int) Math.clamp(Math.floor(100.0 * changesDone / totalChanges), 0, 100);
    }
  }

  private final Clock clock;
  private final AtomicLong begun = new AtomicLong();
  private final Map<Long, Running> running = new ConcurrentHashMap<>();

  /** No tasks yet; times are told by a clock. */
  public ActiveTasks(Clock clock) {
    this.clock = clock;
  }

  /** Lists a task from now on; the caller closes it when it has ended, however it did. */
  public Running begin(String type, String database, long totalChanges) {
    long now = clock.instant().getEpochSecond();
    long number = begun.incrementAndGet();
    Running task = new Running(new Task(number, type, database, now, now, 0, totalChanges));
    running.put(number, task);
    return task;
  }

  /** The tasks that run, in the order they began. */
  public List<Task> list() {
    return running.values().stream()
        .map(task -> task.state.get())
        .sorted(Comparator.comparingLong(Task::number))
        .toList();
  }

  /** A task that is listed. Safe for use by many threads. */
  public final class Running implements AutoCloseable {
    private final AtomicReference<Task> state;

    private Running(Task task) {
      this.state = new AtomicReference<>(task);
    }

    /** Tells how far it is. */
    public void update(long changesDone, long totalChanges) {
      long now = clock.instant().getEpochSecond();
      state.updateAndGet(
          task -> new Task(
              task.number(),
              task.type(),
              task.database(),
              task.startedOn(),
              now,
              changesDone,
              totalChanges));
    }

    /** It is not listed any more; again does nothing. */
    @Override
    public void close() {
      running.remove(state.get().number());
    }
  }
}

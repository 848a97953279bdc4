package io.divan.background;

import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The running tasks that CouchDB's {@code _active_tasks} lists. A task is listed from {@link
 * #begin} until it is closed. Safe for use by many threads.
 */
public final class ActiveTasks {

  /**
   * The state of a task at one moment.
   *
   * @param number sequence number of the task in this process, starting at 1
   * @param type the kind of task, such as {@code database_compaction}
   * @param database the database that the task works on
   * @param startedOn start time, in seconds since 1970
   * @param updatedOn time of the last progress report, in seconds since 1970
   * @param changesDone amount of work done
   * @param totalChanges estimated total amount of work
   */
  public record Task(
      long number,
      String type,
      String database,
      long startedOn,
      long updatedOn,
      long changesDone,
      long totalChanges) {

    /** The progress in percent, from 0 to 100. */
    public int progress() {
      return totalChanges <= 0
          ? 0
          : (int) Math.clamp(Math.floor(100.0 * changesDone / totalChanges), 0, 100);
    }
  }

  private final Clock clock;
  private final AtomicLong begun = new AtomicLong();
  private final Map<Long, Running> running = new ConcurrentHashMap<>();

  /** Creates an empty list. The clock supplies the times of tasks. */
  public ActiveTasks(Clock clock) {
    this.clock = clock;
  }

  /** Lists a task. The caller closes it when the task ends, also after a failure. */
  public Running begin(String type, String database, long totalChanges) {
    long now = clock.instant().getEpochSecond();
    long number = begun.incrementAndGet();
    Running task = new Running(new Task(number, type, database, now, now, 0, totalChanges));
    running.put(number, task);
    return task;
  }

  /** Returns the running tasks, in the order of their start. */
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

    /** Updates the progress. */
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

    /** Removes the task from the list. Closing it again has no effect. */
    @Override
    public void close() {
      running.remove(state.get().number());
    }
  }
}

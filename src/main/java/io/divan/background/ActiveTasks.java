package io.divan.background;

import java.time.Clock;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The running tasks that CouchDB's {@code _active_tasks} lists, from {@link #begin} until they are
 * closed. Safe for use by many threads.
 */
public final class ActiveTasks {

  /**
   * The state of a task at one moment.
   *
   * @param number the number of the task in this process, from 1
   * @param type the kind of task, such as {@code database_compaction}
   * @param database the database it works on
   * @param startedOn seconds since 1970
   * @param updatedOn seconds since 1970
   * @param changesDone the units of work done
   * @param totalChanges the known units of work in total
   * @param members what only this type of task has, such as {@code design_document}
   */
  public record Task(
      long number,
      String type,
      String database,
      long startedOn,
      long updatedOn,
      long changesDone,
      long totalChanges,
      SortedMap<String, String> members) {

    public Task {
      members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
    }

    /** Returns the progress in percent, 0 to 100. */
    public int progress() {
      return totalChanges <= 0
          ? 0
          : (int) Math.clamp(Math.floor(100.0 * changesDone / totalChanges), 0, 100);
    }
  }

  private final Clock clock;
  private final AtomicLong begun = new AtomicLong();
  private final Map<Long, Running> running = new ConcurrentHashMap<>();

  /** Creates an empty list. */
  public ActiveTasks(Clock clock) {
    this.clock = clock;
  }

  /** Adds a task. The caller closes it when the task has ended, also by an exception. */
  public Running begin(String type, String database, long totalChanges) {
    long now = clock.instant().getEpochSecond();
    long number = begun.incrementAndGet();
    Running task = new Running(new Task(number, type, database, now, now, 0, totalChanges,
        new TreeMap<>()));
    running.put(number, task);
    return task;
  }

  /** Returns the running tasks, in the order they began. */
  public List<Task> list() {
    return running.values().stream()
        .map(task -> task.state.get())
        .sorted(Comparator.comparingLong(Task::number))
        .toList();
  }

  /** A listed task. Safe for use by many threads. */
  public final class Running implements AutoCloseable {
    private final AtomicReference<Task> state;

    private Running(Task task) {
      this.state = new AtomicReference<>(task);
    }

    /** Sets the progress. */
    public void update(long changesDone, long totalChanges) {
      update(changesDone, totalChanges, state.get().members());
    }

    /** Sets the progress, and the members that only this type of task has. */
    public void update(
        long changesDone, long totalChanges, SortedMap<String, String> members) {
      long now = clock.instant().getEpochSecond();
      state.updateAndGet(
          task -> new Task(
              task.number(),
              task.type(),
              task.database(),
              task.startedOn(),
              now,
              changesDone,
              totalChanges,
              members));
    }

    /** Removes the task from the list. A second call does nothing. */
    @Override
    public void close() {
      running.remove(state.get().number());
    }
  }
}

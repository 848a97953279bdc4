package io.divan.background;

/** A task that {@link BackgroundTasks} runs. Its methods are called by one thread at a time. */
public interface BackgroundTask {

  /** Returns the type that {@code _active_tasks} shows, such as {@code database_compaction}. */
  String type();

  /** Returns the subject of the task, such as a database's name; empty for the whole server. */
  String subject();

  /**
   * Runs the task once. An exception is logged, and the task is retried.
   *
   * @param run receives progress, and asks the task to stop early
   */
  void run(TaskRun run);

  /** Returns whether only one of the instances that share a storage runs the task at a time. */
  default boolean needsLease() {
    return true;
  }

  /**
   * Called once after the last attempt: the task has succeeded, has failed too often, or was
   * cancelled.
   */
  default void ended() {}
}

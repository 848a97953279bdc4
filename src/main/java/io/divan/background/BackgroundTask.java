package io.divan.background;

/** A task that {@link BackgroundTasks} runs. Its methods are called by one thread at a time. */
public interface BackgroundTask {

  /** The kind of task, as {@code _active_tasks} lists it, such as {@code database_compaction}. */
  String type();

  /** The subject of the task, such as the name of a database; empty for the whole server. */
  String subject();

  /**
   * Runs the task once. An exception is logged, and the task is retried.
   *
   * @param run receives progress, and indicates when to stop early
   */
  void run(TaskRun run);

  /** Whether only one of the instances that share a storage runs the task at a time. */
  default boolean needsLease() {
    return true;
  }

  /**
   * Called once after the last attempt: after success, after the last retry has failed, or after
   * cancellation.
   */
  default void ended() {}
}

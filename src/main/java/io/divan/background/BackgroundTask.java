package io.divan.background;

/** A task that {@link BackgroundTasks} runs. Its methods are called by one thread at a time. */
public interface BackgroundTask {

  /** What the task does, as {@code _active_tasks} lists it, such as {@code database_compaction}. */
  String type();

  /** What the task works on, such as the name of a database; empty for the whole server. */
  String subject();

  /**
   * Runs the task once. An exception fails the attempt: it is logged, and the task is retried.
   *
   * @param run reports progress, and says when to stop early
   */
  void run(TaskRun run);

  /** Whether one instance at a time runs the task, of all that share a storage. */
  default boolean needsLease() {
    return true;
  }

  /**
   * Called once after the last attempt: when the task has succeeded, when it has failed too often,
   * and when it was cancelled.
   */
  default void ended() {}
}

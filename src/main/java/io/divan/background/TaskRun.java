package io.divan.background;

import io.divan.storage.StorageException;
import io.divan.storage.WriteTransaction;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One attempt at a task. For use by the thread that runs it. */
public final class TaskRun {
  private final BackgroundTask task;
  private final ActiveTasks active;
  private final TaskLeases.Held held;
  private final BooleanSupplier cancelled;
  private final SortedMap<String, String> members = new TreeMap<>();
  private ActiveTasks.@Nullable Running listed;

  TaskRun(
      BackgroundTask task, ActiveTasks active, TaskLeases.Held held, BooleanSupplier cancelled) {
    this.task = task;
    this.active = active;
    this.held = held;
    this.cancelled = cancelled;
  }

  /**
   * Returns whether the task must stop after its current step, because it was cancelled, the
   * service stops, or the lease could not be renewed in time.
   */
  public boolean isCancelled() {
    return cancelled.getAsBoolean() || !held.isCurrent();
  }

  /**
   * Sets a member that {@code _active_tasks} shows for this type of task, from the next progress.
   */
  public void member(String name, String value) {
    members.put(name, value);
  }

  /** Reports progress. From the first report on, {@code _active_tasks} lists the task. */
  public void progress(long done, long total) {
    if (listed == null) {
      listed = active.begin(task.type(), task.subject(), total);
    }
    listed.update(done, total, members);
  }

  /**
   * Fences a transaction of the system store, so that it commits only while this task holds its
   * lease. Does nothing if one process has the storage for itself.
   *
   * @throws StorageException.StoreUnavailable if another instance has taken the lease
   */
  public void fence(WriteTransaction transaction) {
    held.lease().ifPresent(lease -> lease.check(transaction));
  }

  void end() {
    if (listed != null) {
      listed.close();
    }
  }
}

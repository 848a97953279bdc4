package io.divan.background;

import io.divan.storage.Store;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Background tasks of one type, of which each store has at most one, waiting or running. A request
 * for a store that has a task goes to that task. This object is the lock that guards the requests.
 * Safe for use by many threads.
 *
 * @param <J> the tasks
 */
public final class StoreJobs<J extends StoreJobs.Job> {

  /** The task of one store. */
  public abstract static class Job implements BackgroundTask {
    private final StoreJobs<?> jobs;
    private final Store store;

    protected Job(StoreJobs<?> jobs, Store store) {
      this.jobs = jobs;
      this.store = store;
    }

    /** Returns the store. */
    protected final Store store() {
      return store;
    }

    /**
     * Ends the task, unless it has been given more to do. Later requests go to another task.
     *
     * @param more whether there is more to do; called under the lock
     * @return whether the task has ended
     */
    protected final boolean finish(BooleanSupplier more) {
      synchronized (jobs) {
        if (more.getAsBoolean()) {
          return false;
        }
        jobs.byStore.remove(store, this);
        return true;
      }
    }

    @Override
    public final String subject() {
      return store.name();
    }

    @Override
    public final void ended() {
      synchronized (jobs) {
        jobs.byStore.remove(store, this);
      }
    }
  }

  private final BackgroundTasks tasks;
  private final Map<Store, J> byStore = new HashMap<>();

  /** Creates none. */
  public StoreJobs(BackgroundTasks tasks) {
    this.tasks = tasks;
  }

  /**
   * Requests something of the task of a store. Creates and submits the task if the store lacks one.
   *
   * @param request called with the task, under the lock
   * @return whether the store has a task; if too many wait, no task is submitted
   */
  public synchronized boolean request(
      Store store, Function<Store, J> creation, Consumer<J> request) {
    J known = byStore.get(store);
    if (known != null) {
      request.accept(known);
      return true;
    }
    J job = creation.apply(store);
    request.accept(job);
    byStore.put(store, job);
    if (tasks.submit(job).isEmpty()) {
      byStore.remove(store);
      return false;
    }
    return true;
  }

  /** Returns the task of a store. To read what the lock guards, hold the lock. */
  public synchronized Optional<J> find(Store store) {
    return Optional.ofNullable(byStore.get(store));
  }
}

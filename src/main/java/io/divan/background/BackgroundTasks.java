package io.divan.background;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs long tasks and periodic tasks, each under a lease. Safe for use by many threads.
 *
 * <ol>
 *   <li>A submitted task waits, runs, and ends. The numbers of waiting and of running tasks are
 *       bounded; a task between two attempts counts as waiting.
 *   <li>An attempt needs the task's lease. An attempt that cannot get it counts as failed, so a
 *       task whose lease stays taken ends without having run.
 *   <li>An attempt that throws anything is logged and retried. The delay doubles with each failure.
 *       After the last attempt the task ends.
 *   <li>A periodic task runs until it is cancelled or this is closed. It has a thread of its own,
 *       so that long tasks do not delay it, and keeps its lease between its runs.
 *   <li>Cancelling asks a running task to stop, and ends a waiting task at once.
 * </ol>
 */
public final class BackgroundTasks implements AutoCloseable {

  /**
   * The limits and delays.
   *
   * @param runningMax the most submitted tasks that run at the same time
   * @param waitingMax the most submitted tasks that wait
   * @param periodicMax the most periodic tasks
   * @param attemptsMax the most attempts at a submitted task
   * @param retryDelay the delay before the second attempt; it doubles with each attempt
   * @param retryDelayMax the longest delay between two attempts
   * @param closeWait how long closing waits for running tasks to stop
   */
  public record Options(
      int runningMax,
      int waitingMax,
      int periodicMax,
      int attemptsMax,
      Duration retryDelay,
      Duration retryDelayMax,
      Duration closeWait) {

    /** The defaults. */
    public static Options defaults() {
      return new Options(
          2,
          10_000,
          100,
          8,
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          Duration.ofSeconds(30));
    }

    /** Returns the delay after a number of failures in a row, at least 1. */
    Duration delayAfter(int failures) {
      Duration delay = retryDelay.multipliedBy(1L << Math.min(failures - 1, 20));
      return delay.compareTo(retryDelayMax) < 0 ? delay : retryDelayMax;
    }
  }

  /** A submitted or periodic task. Safe for use by many threads. */
  public final class Handle {
    private final BackgroundTask task;
    private final @Nullable Duration period;
    private final Runnable attempt = context.apply(() -> BackgroundTasks.this.run(this));
    private volatile boolean cancelled;
    private TaskLeases.@Nullable Held kept;
    private int failures;

    private Handle(BackgroundTask task, @Nullable Duration period) {
      this.task = task;
      this.period = period;
    }

    /** Asks the task to stop if it runs; otherwise it ends without another attempt. */
    public void cancel() {
      cancelled = true;
      boolean waited;
      lock.lock();
      try {
        waited = waiting.remove(this);
        waited |= delayed.remove(this); // evaluated in any case
      } finally {
        lock.unlock();
      }
      if (waited) {
        end(this);
      }
    }

    private boolean isCancelled() {
      return cancelled || closed;
    }
  }

  private static final System.Logger LOG = System.getLogger(BackgroundTasks.class.getName());

  private final TaskLeases leases;
  private final ActiveTasks active;
  private final TaskTimer timer;
  private final UnaryOperator<Runnable> context;
  private final Options options;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Queue<Handle> waiting = new ArrayDeque<>();
  private final Set<Handle> delayed = new HashSet<>();
  private final Set<Handle> running = new HashSet<>();
  private final TaskListener listener;
  private int periodicCount;
  private long refused;
  private volatile boolean closed;

  /** Creates a runner without tasks, a listener and contexts. */
  public BackgroundTasks(TaskLeases leases, ActiveTasks active) {
    this(leases, active, TaskListener.NONE, UnaryOperator.identity());
  }

  /**
   * Creates a runner without tasks.
   *
   * @param active lists the tasks that report progress
   * @param listener receives a report of each run
   * @param context called by the thread that submits a task; returns the same work, which another
   *     thread then runs in the context of the first
   */
  public BackgroundTasks(
      TaskLeases leases,
      ActiveTasks active,
      TaskListener listener,
      UnaryOperator<Runnable> context) {
    this(leases, active, TaskTimer.system(), Options.defaults(), listener, context);
  }

  BackgroundTasks(
      TaskLeases leases, ActiveTasks active, TaskTimer timer, Options options) {
    this(leases, active, timer, options, TaskListener.NONE, UnaryOperator.identity());
  }

  private BackgroundTasks(
      TaskLeases leases,
      ActiveTasks active,
      TaskTimer timer,
      Options options,
      TaskListener listener,
      UnaryOperator<Runnable> context) {
    this.listener = listener;
    this.context = context;
    this.leases = leases;
    this.active = active;
    this.timer = timer;
    this.options = options;
  }

  /** Submits a task. Returns empty if too many tasks wait, or this is closed. */
  public Optional<Handle> submit(BackgroundTask task) {
    lock.lock();
    try {
      if (closed || waiting.size() + delayed.size() >= options.waitingMax()) {
        refused++;
        return Optional.empty();
      }
      Handle handle = new Handle(task, null);
      waiting.add(handle);
      startWaiting();
      return Optional.of(handle);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs a task periodically; the first time after one period.
   *
   * @throws IllegalStateException if there are too many periodic tasks, or this is closed
   */
  public Handle repeat(Duration period, BackgroundTask task) {
    lock.lock();
    try {
      if (closed || periodicCount >= options.periodicMax()) {
        throw new IllegalStateException(
            closed
                ? "The background tasks are closed"
                : "Too many periodic tasks: " + periodicCount);
      }
      periodicCount++;
      Handle handle = new Handle(task, period);
      delay(handle, period);
      return handle;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The tasks at one moment.
   *
   * @param running the tasks that run
   * @param waiting the submitted tasks that wait, also for another attempt
   * @param refused how many were refused since the start because too many waited
   */
  public record Counts(int running, int waiting, long refused) {}

  /** Counts the tasks. */
  public Counts counts() {
    lock.lock();
    try {
      int delayedTasks = 0;
      for (Handle handle : delayed) {
        delayedTasks += handle.period == null ? 1 : 0;
      }
      return new Counts(running.size(), waiting.size() + delayedTasks, refused);
    } finally {
      lock.unlock();
    }
  }

  /** Starts waiting tasks, up to the bound of running ones. The caller holds the lock. */
  private void startWaiting() {
    while (!closed && !waiting.isEmpty() && submittedRunning() < options.runningMax()) {
      start(waiting.remove());
    }
  }

  private long submittedRunning() {
    return running.stream().filter(handle -> handle.period == null).count();
  }

  private void start(Handle handle) {
    running.add(handle);
    timer.start("background-" + handle.task.type(), handle.attempt);
  }

  /** Schedules the next attempt at a task. The caller holds the lock. */
  private void delay(Handle handle, Duration delay) {
    delayed.add(handle);
    timer.schedule(delay, () -> wake(handle));
  }

  private void wake(Handle handle) {
    lock.lock();
    try {
      if (!closed && delayed.remove(handle)) {
        if (handle.period == null) {
          waiting.add(handle);
          startWaiting();
        } else {
          start(handle);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Makes one attempt, then ends the task or schedules the next attempt. */
  private void run(Handle handle) {
    Optional<Duration> next = Optional.empty();
    try {
      next = attempt(handle);
    } finally {
      lock.lock();
      try {
        running.remove(handle);
        if (next.isPresent() && !handle.isCancelled()) {
          delay(handle, next.get());
        } else {
          next = Optional.empty();
        }
        startWaiting();
        ended.signalAll();
      } finally {
        lock.unlock();
      }
      if (next.isEmpty()) {
        end(handle);
      }
    }
  }

  /** Makes one attempt. Returns the delay until the next one, or empty if the task has ended. */
  private Optional<Duration> attempt(Handle handle) {
    boolean acquired = false;
    try {
      if (handle.isCancelled()) {
        return Optional.empty();
      }
      Optional<TaskLeases.Held> held = acquire(handle);
      if (held.isPresent()) {
        acquired = true;
        runUnder(handle, held.get());
        handle.failures = 0;
        return Optional.ofNullable(handle.period);
      }
    } catch (Throwable e) { // this class owns the thread, and the next attempt may succeed
      if (handle.isCancelled()) {
        return Optional.empty();
      }
      return afterFailure(handle, e);
    } finally {
      if (acquired && handle.period == null) {
        release(handle);
      }
    }
    return handle.period == null
        ? afterFailure(handle, null)
        : Optional.ofNullable(handle.period);
  }

  private Optional<TaskLeases.Held> acquire(Handle handle) {
    TaskLeases.Held kept = handle.kept;
    if (kept != null && kept.isCurrent()) {
      return Optional.of(kept);
    }
    release(handle);
    Optional<TaskLeases.Held> held = leases.tryAcquire(handle.task);
    handle.kept = held.orElse(null);
    return held;
  }

  private static void release(Handle handle) {
    TaskLeases.Held kept = handle.kept;
    handle.kept = null;
    if (kept != null) {
      kept.close();
    }
  }

  private void runUnder(Handle handle, TaskLeases.Held held) {
    TaskRun run = new TaskRun(handle.task, active, held, handle::isCancelled);
    long began = System.nanoTime();
    TaskListener.Result result = TaskListener.Result.FAILED;
    try {
      handle.task.run(run);
      result = TaskListener.Result.SUCCEEDED;
    } finally {
      run.end();
      listener.ran(
          handle.task.type(),
          handle.isCancelled() ? TaskListener.Result.CANCELLED : result,
          Duration.ofNanos(System.nanoTime() - began));
    }
  }

  /** Decides on the next attempt after a failure, or if another instance holds the lease. */
  private Optional<Duration> afterFailure(Handle handle, @Nullable Throwable failure) {
    handle.failures++;
    boolean last = handle.period == null && handle.failures >= options.attemptsMax();
    Duration delay = options.delayAfter(handle.failures);
    if (handle.period != null && delay.compareTo(handle.period) < 0) {
      delay = handle.period;
    }
    String task =
        handle.task.type() + (handle.task.subject().isEmpty() ? "" : " of ")
            + handle.task.subject();
    if (failure == null) {
      LOG.log(
          last ? System.Logger.Level.INFO : System.Logger.Level.DEBUG,
          "Another instance runs the background task " + task
              + (last ? "; this instance no longer tries" : ""));
    } else {
      LOG.log(
          System.Logger.Level.WARNING,
          "The background task " + task + " failed"
              + (last
                  ? " " + handle.failures
                      + " times and will not be retried: fix the cause and request it"
                      + " again"
                  : "; the next attempt is in " + delay.toSeconds() + " s"),
          failure);
    }
    return last ? Optional.empty() : Optional.of(delay);
  }

  private void end(Handle handle) {
    if (handle.period != null) {
      lock.lock();
      try {
        periodicCount--;
      } finally {
        lock.unlock();
      }
    }
    try {
      release(handle);
      handle.task.ended();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "The cleanup after a background task failed", e);
    }
  }

  /** Refuses new tasks, ends waiting ones, and waits until running ones have stopped. */
  @Override
  public void close() {
    Set<Handle> idle;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      idle = new HashSet<>(waiting);
      idle.addAll(delayed);
      waiting.clear();
      delayed.clear();
    } finally {
      lock.unlock();
    }
    timer.close();
    idle.forEach(this::end);
    awaitRunning();
    leases.close();
  }

  private void awaitRunning() {
    lock.lock();
    try {
      long left = TimeUnit.NANOSECONDS.convert(options.closeWait());
      while (!running.isEmpty() && left > 0) {
        left = ended.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}

package io.divan.document;

import io.divan.storage.Capability;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The compactions of this process: at most one of a database, and a few at a time; others wait.
 * They end when their database is deleted or this is closed; what is left is found by the next one.
 * Safe for use by many threads.
 */
final class Compactions implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Compactions.class.getName());
  private static final int RUNNING_MAX = 2;
  private static final int WAITING_MAX = 10_000;
  private static final long CLOSE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** What old bodies weigh at least before a database is compacted unasked. */
  private static final long BACKGROUND_BYTES = 64_000_000;

  /** One compaction: whether somebody asked for it, or the counters are to decide. */
  private static final class Job {
    private final boolean asked;

    /** Whether it is known to have something to do. */
    private volatile boolean working;

    Job(boolean asked) {
      this.asked = asked;
      this.working = asked;
    }
  }

  private final ActiveTasks tasks;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Map<Store, Job> waiting = new LinkedHashMap<>();
  private final Map<Store, Job> running = new HashMap<>();
  private volatile boolean closed;

  /** None yet; those that run are told to somebody. */
  Compactions(ActiveTasks tasks) {
    this.tasks = tasks;
  }

  /**
   * Compacts a database, or has that done which is compacted already.
   *
   * @throws StorageException.StoreUnavailable when too many wait
   */
  void start(Store store) {
    add(store, true);
  }

  /** Compacts a database where its counters say that it is worth it. */
  void consider(Store store) {
    add(store, false);
  }

  /** Whether a database is being compacted, or is going to be since somebody asked for it. */
  boolean isRunning(Store store) {
    lock.lock();
    try {
      return Stream.of(running, waiting)
          .map(jobs -> jobs.get(store))
          .anyMatch(job -> job != null && job.working);
    } finally {
      lock.unlock();
    }
  }

  private void add(Store store, boolean asked) {
    lock.lock();
    try {
      if (isKnown(running.get(store), asked) || isKnown(waiting.get(store), asked)) {
        return;
      }
      if (closed || waiting.size() >= WAITING_MAX) {
        if (asked) {
          throw new StorageException.StoreUnavailable(
              waiting.size() + " databases wait to be compacted already");
        }
        return;
      }
      waiting.put(store, new Job(asked));
      beginNext();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a job does all that is wanted. */
  private static boolean isKnown(@Nullable Job job, boolean asked) {
    return job != null && (job.asked || !asked);
  }

  private void beginNext() {
    if (running.size() < RUNNING_MAX && !closed) {
      waiting.entrySet().stream()
          .filter(job -> !running.containsKey(job.getKey()))
          .findFirst()
          .ifPresent(
              job -> {
                waiting.remove(job.getKey());
                begin(job.getKey(), job.getValue());
              });
    }
  }

  private void begin(Store store, Job job) {
    running.put(store, job);
    Thread.ofVirtual().name("compaction").start(() -> run(store, job));
  }

  private void run(Store store, Job job) {
    try {
      compact(store, job);
    } catch (StorageException.DatabaseNotFound e) {
      // It was deleted, and so it is as small as can be.
    } catch (RuntimeException | Error e) {
      if (!closed) {
        LOG.log(System.Logger.Level.WARNING, "Compacting " + store.name() + " failed", e);
      }
    } finally {
      lock.lock();
      try {
        running.remove(store);
        beginNext();
        ended.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void compact(Store store, Job job) {
    if (!job.asked && !isWorthIt(store)) {
      return;
    }
    job.working = true;
    long begun = System.nanoTime();
    long before = store.sizeBytes();
    long documents = store.read(Compactions::documents);
    Compaction compaction;
    try (ActiveTasks.Running task =
        tasks.begin("database_compaction", store.name(), documents)) {
      compaction =
          new Compaction(store, () -> closed, done -> task.update(done, Math.max(done, documents)));
      compaction.run();
      Optional<Capability.Shrinking> shrinking = store.capability(Capability.Shrinking.class);
      while (job.asked && !closed && shrinking.isPresent() && shrinking.get().shrink()) {
        // Writers go on between the steps.
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    LOG.log(
        System.Logger.Level.INFO,
        "Compacted {0}: {1} documents looked at, {2} bodies'' bytes removed, file {3} to {4} bytes,"
            + " {5} s, {6} documents/s",
        store.name(),
        Long.toString(compaction.documents()),
        Long.toString(compaction.removedBytes()),
        Long.toString(before),
        Long.toString(store.sizeBytes()),
        Double.toString(took.toMillis() / 1_000.0),
        Long.toString(compaction.documents() * 1_000 / Math.max(1, took.toMillis())));
  }

  private static long documents(ReadTransaction transaction) {
    long[] counts =
        Stats.counters(transaction, List.of(Tables.DOC_COUNT, Tables.DOC_DEL_COUNT));
    return counts[0] + counts[1];
  }

  private static boolean isWorthIt(Store store) {
    return store.read(
        transaction -> {
          if (transaction.get(Tables.METADATA, Tables.OLD_BYTES_KNOWN).isEmpty()) {
            return true;
          }
          long old = Stats.counter(transaction.get(Tables.STATS, Tables.SIZE_OLD));
          long active = Stats.counter(transaction.get(Tables.STATS, Tables.SIZE_ACTIVE));
          return old > BACKGROUND_BYTES && old > active;
        });
  }

  /** Refuses more, and waits for those under way to stop after their next step. */
  @Override
  public void close() {
    closed = true;
    lock.lock();
    try {
      waiting.clear();
      long left = CLOSE_WAIT_NANOS;
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

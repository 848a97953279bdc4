package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The cache of an adapter's open stores. Above a number of stores it closes the least recently used
 * one; a thread of its own closes idle ones, checks the others and runs background tasks of stores.
 * A store in use stays open, also above the number. Safe for use by many threads.
 */
public final class OpenStores implements AutoCloseable {

  private static final long PERIOD_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);
  private static final long CLOSE_MILLIS_MAX = 30_000;

  private final int max;
  private final Duration idleMax;
  private final long periodNanos;
  private final Set<OpenStore<?>> open = ConcurrentHashMap.newKeySet();
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Starts a cache without stores.
   *
   * @param threadName the name of its thread
   * @param max the most stores that stay open while idle
   * @param idleMax how long a store stays open while idle
   */
  public OpenStores(String threadName, int max, Duration idleMax) {
    this.max = max;
    this.idleMax = idleMax;
    this.periodNanos = Math.clamp(idleMax.toNanos() / 4, 1_000_000, PERIOD_NANOS_MAX);
    thread = Thread.ofPlatform().daemon().name(threadName).start(this::run);
  }

  void add(OpenStore<?> store) {
    open.add(store);
  }

  void remove(OpenStore<?> store) {
    open.remove(store);
  }

  /** The open resources of one kind. They may be closed at any time. */
  public <T extends OpenStore.Resource> List<T> open(Class<T> type) {
    return open.stream().map(OpenStore::open).filter(type::isInstance).map(type::cast).toList();
  }

  /** The number of open stores. */
  public int size() {
    return open.size();
  }

  /** Runs a task soon. A store submits one at a time, which bounds the queue. */
  public void runSoon(Runnable task) {
    tasks.add(task);
  }

  /**
   * Closes least recently used stores until there is room for one. Several threads can do so at the
   * same time, so the number of stores left decides, not whether this thread closed one.
   */
  void makeRoom() {
    if (open.size() < max) {
      return;
    }
    long now = System.nanoTime();
    record Candidate(OpenStore<?> store, long unusedNanos) {}

    List<Candidate> candidates =
        open.stream()
            .map(store -> new Candidate(store, now - store.usedNanos()))
            .sorted(Comparator.comparingLong(Candidate::unusedNanos).reversed())
            .toList();
    for (Candidate candidate : candidates) {
      if (open.size() < max) {
        return;
      }
      candidate.store().closeIfUnused();
    }
  }

  /** Stops the thread after its current task. Stores are closed by their adapters. */
  @Override
  public void close() {
    closed = true;
    tasks.add(() -> {});
    try {
      thread.join(CLOSE_MILLIS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long checkedNanos = System.nanoTime();
    while (!closed) {
      Runnable task;
      try {
        task = tasks.poll(periodNanos, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        return;
      }
      if (task != null && !closed) {
        runSafely(task);
      }
      if (System.nanoTime() - checkedNanos >= periodNanos) {
        open.forEach(store -> runSafely(() -> closeIdleOrLook(store)));
        checkedNanos = System.nanoTime();
      }
    }
  }

  private void closeIdleOrLook(OpenStore<?> store) {
    boolean idle = System.nanoTime() - store.usedNanos() > idleMax.toNanos();
    if (!idle || !store.closeIfUnused()) {
      store.look();
    }
  }

  private static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (StorageException.DatabaseNotFound e) {
      // The database was deleted in the meantime.
    } catch (VirtualMachineError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      Failures.log(OpenStores.class, "A background task of a store failed", e);
    }
  }
}

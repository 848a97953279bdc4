package io.divan.storage.lease;

import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.task.PeriodicTask;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The leases of one process. Background threads renew them. Closing this object ends the renewals
 * but releases no lease. Safe for use by many threads.
 */
public final class Leases implements AutoCloseable {

  private static final int THREADS = 2;

  /** The number of renewals during the duration of a lease. */
  private static final int RENEWALS = 3;

  /**
   * Settings of all leases.
   *
   * @param holder the name of this process in messages of others, such as the name of its machine
   * @param duration how long an owner without a sign of life keeps its lease, at least 10 ms; other
   *     processes wait that long for the lease of a crashed one
   * @param shared whether other processes use the same stores. If not, earlier owners are dead:
   *     their leases are taken over at once, and leases are not renewed
   * @param nanoTime a monotonic clock, in nanoseconds
   */
  public record Options(
      String holder, Duration duration, boolean shared, LongSupplier nanoTime) {

    private static final Duration DURATION = Duration.ofSeconds(10);

    public Options {
      if (duration.compareTo(Duration.ofMillis(10)) < 0) {
        throw new IllegalArgumentException(
            "The duration of a lease is at least 10 ms, not " + duration);
      }
    }

    /** Settings for stores that several processes use, with leases of 10 s. */
    public static Options shared(String holder) {
      return new Options(holder, DURATION, true, System::nanoTime);
    }

    /** Settings for stores that only this process uses. */
    public static Options exclusive(String holder) {
      return new Options(holder, DURATION, false, System::nanoTime);
    }

    /** Returns a copy with another duration. */
    public Options duration(Duration other) {
      return new Options(holder, other, shared, nanoTime);
    }

    /** Returns a copy with another clock. */
    public Options nanoTime(LongSupplier other) {
      return new Options(holder, duration, shared, other);
    }
  }

  private final Options options;
  private final String instance = UUID.randomUUID().toString();
  private final AtomicLong count = new AtomicLong();
  private final Set<String> alive = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor timer;

  /** Starts the threads that renew leases. */
  public Leases(Options options) {
    this.options = options;
    timer =
        new ScheduledThreadPoolExecutor(
            THREADS,
            target -> {
              Thread thread = new Thread(target, "lease-renewal");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
  }

  /**
   * Returns a new lease, which is not held yet.
   *
   * @param store the store that contains the lease, and whose writes it fences
   * @param table the table of its rows
   * @param key the prefix of their keys; no other key may begin with it
   * @param subject the name of the guarded resource in error messages
   */
  public Lease lease(Store store, Table table, byte[] key, String subject) {
    return new Lease(this, store, table, key, subject, false);
  }

  /**
   * Returns a new lease whose owners take turns. The owner learns of waiting processes and releases
   * the lease from time to time; a free lease goes to the first process in the queue, which is an
   * additional row.
   */
  public Lease leaseInTurns(Store store, Table table, byte[] key, String subject) {
    return new Lease(this, store, table, key, subject, options.shared());
  }

  Options options() {
    return options;
  }

  /** Returns a globally unique id for a lease. */
  String newId() {
    return options.holder() + '/' + instance + '/' + count.incrementAndGet();
  }

  /** Returns whether an id belongs to this process. */
  boolean isOwn(String id) {
    return id.startsWith(options.holder() + '/' + instance + '/');
  }

  boolean isAlive(String id) {
    return alive.contains(id);
  }

  void setAlive(String id, boolean is) {
    if (is) {
      alive.add(id);
    } else {
      alive.remove(id);
    }
  }

  /** Starts periodic renewals of a lease. */
  Future<?> keep(Lease lease) {
    long period = options.duration().toNanos() / RENEWALS;
    return timer.scheduleWithFixedDelay(
        new PeriodicTask(
            "lease renewal",
            () -> {
              try {
                lease.renew();
              } catch (StorageException e) {
                // The next renewal tries again. It also finds out if another took the lease.
              }
            }),
        period,
        period,
        TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}

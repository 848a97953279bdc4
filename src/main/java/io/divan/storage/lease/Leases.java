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
 * The leases of one process, which are renewed in the background by a few threads of its own. Safe
 * for use by many threads. Closing it ends the renewals and releases nothing.
 */
public final class Leases implements AutoCloseable {

  private static final int THREADS = 2;

  /** A lease is renewed this many times in its duration. */
  private static final int RENEWALS = 3;

  /**
   * How leases are held.
   *
   * @param holder what others are told of this process, such as the name of its machine
   * @param duration how long an owner that says nothing is believed to live, at least 10 ms;
   *     others have to wait that long where one has crashed
   * @param shared whether other processes use the same stores. Where none does, whoever held a
   *     lease before this process began is dead, its leases are taken at once, and none is renewed
   * @param nanoTime a clock that never goes back
   */
  public record Options(
      String holder, Duration duration, boolean shared, LongSupplier nanoTime) {

    private static final Duration DURATION = Duration.ofSeconds(10);

    public Options {
      if (duration.compareTo(Duration.ofMillis(10)) < 0) {
        throw new IllegalArgumentException("A lease lasts 10 ms at least, not " + duration);
      }
    }

    /** Leases of 10 s over stores that other processes use, too. */
    public static Options shared(String holder) {
      return new Options(holder, DURATION, true, System::nanoTime);
    }

    /** Leases over stores that this process has for itself. */
    public static Options exclusive(String holder) {
      return new Options(holder, DURATION, false, System::nanoTime);
    }

    /** The same with another duration. */
    public Options duration(Duration other) {
      return new Options(holder, other, shared, nanoTime);
    }

    /** The same with another clock. */
    public Options nanoTime(LongSupplier other) {
      return new Options(holder, duration, shared, other);
    }
  }

  private final Options options;
  private final String instance = UUID.randomUUID().toString();
  private final AtomicLong count = new AtomicLong();
  private final Set<String> alive = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor timer;

  /** Makes what holds leases. */
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
   * A lease that is not held yet.
   *
   * @param store where it is kept: the store whose writes it fences
   * @param table the table of its two rows
   * @param key what their keys begin with; nothing else begins so
   * @param subject what it guards, as errors name it
   */
  public Lease lease(Store store, Table table, byte[] key, String subject) {
    return new Lease(this, store, table, key, subject, false);
  }

  /**
   * The same for a lease that owners give back now and then while others wait for it: whoever
   * waits is told of, and comes first when it is free. It has one more row.
   */
  public Lease leaseInTurns(Store store, Table table, byte[] key, String subject) {
    return new Lease(this, store, table, key, subject, options.shared());
  }

  Options options() {
    return options;
  }

  /** The id of one lease: no other in the world has it. */
  String newId() {
    return options.holder() + '/' + instance + '/' + count.incrementAndGet();
  }

  /** Whether an id is one of this process's. */
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

  /** Renews a lease again and again, where others may want it. */
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

package io.divan.background;

import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.lease.Lease;
import io.divan.storage.lease.Leases;
import io.divan.storage.lease.WantedLeases;
import io.divan.storage.tuple.TupleWriter;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The leases of tasks: of several instances over one storage, one runs a task at a time. Safe for
 * use by many threads.
 *
 * <p>The leases lie in the system store. The table {@code task_leases} has the rows of a {@link
 * Lease} below the key (type, slot). The slot is the subject's hash modulo {@value #SLOTS}: so
 * the number of rows is bounded, however many databases there ever were. Two subjects that share a
 * slot wait for each other.
 *
 * <p>Where one process has the storage for itself there are no leases, and tasks write nothing.
 */
public final class TaskLeases implements AutoCloseable {

  /** In the system store. */
  public static final Table TABLE = new Table(32, "task_leases");

  private static final int SLOTS = 1_024;

  private record Shared(Supplier<Store> system, Leases leases, WantedLeases<String> wanted) {}

  private final Optional<Shared> shared;
  private final ReentrantLock lock = new ReentrantLock();

  private TaskLeases(Optional<Shared> shared) {
    this.shared = shared;
  }

  /** For a process that has its storage for itself: every task gets its lease, at no cost. */
  public static TaskLeases exclusive() {
    return new TaskLeases(Optional.empty());
  }

  /** For a storage that other processes use, too. */
  public static TaskLeases shared(Supplier<Store> system, Leases.Options options) {
    return new TaskLeases(
        Optional.of(new Shared(system, new Leases(options), new WantedLeases<>())));
  }

  /** A lease, or the permission to work without one. */
  static final class Held implements AutoCloseable {
    private final Optional<Lease> lease;

    private Held(Optional<Lease> lease) {
      this.lease = lease;
    }

    /** Whether no other instance can have taken the lease. */
    boolean isCurrent() {
      try {
        lease.ifPresent(Lease::requireCurrent);
        return true;
      } catch (StorageException.StoreUnavailable e) {
        return false;
      }
    }

    Optional<Lease> lease() {
      return lease;
    }

    @Override
    public void close() {
      lease.ifPresent(Lease::close);
    }
  }

  /** Takes the lease of a task; returns nothing where another task or instance holds it. */
  Optional<Held> tryAcquire(BackgroundTask task) {
    if (shared.isEmpty() || !task.needsLease()) {
      return Optional.of(new Held(Optional.empty()));
    }
    Shared with = shared.get();
    int slot = Math.floorMod(task.subject().hashCode(), SLOTS);
    String name = task.type() + " " + slot;
    lock.lock();
    try {
      Lease lease =
          with.wanted()
              .get(
                  name,
                  () -> with.leases()
                      .lease(
                          with.system().get(),
                          TABLE,
                          new TupleWriter().add(task.type()).add(slot).toBytes(),
                          "the background task " + name));
      if (!lease.tryAcquire()) {
        return Optional.empty();
      }
      with.wanted().claim(name, lease);
      return Optional.of(new Held(Optional.of(lease)));
    } finally {
      lock.unlock();
    }
  }

  /** Ends the renewals. Leases still held are free once their duration has passed. */
  @Override
  public void close() {
    shared.ifPresent(with -> with.leases().close());
  }
}

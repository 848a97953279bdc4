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
 * The leases of tasks. Of several instances over one storage, one at a time runs a task. Safe for
 * use by many threads.
 *
 * <p>The system store keeps the leases: the table {@code task_leases} has the rows of a {@link
 * Lease} below the key (type, slot). The slot is the subject's hash modulo {@value #SLOTS}, which
 * bounds the number of rows for any number of databases. Two subjects that share a slot wait for
 * each other.
 *
 * <p>If one process has the storage for itself, tasks need no leases and write nothing.
 */
public final class TaskLeases implements AutoCloseable {

  /** The table of leases, in the system store. */
  public static final Table TABLE = new Table(32, "task_leases");

  private static final int SLOTS = 1_024;

  private record Shared(Supplier<Store> system, Leases leases, WantedLeases<String> wanted) {}

  private final Optional<Shared> shared;
  private final ReentrantLock lock = new ReentrantLock();

  private TaskLeases(Optional<Shared> shared) {
    this.shared = shared;
  }

  /** Grants every lease at no cost, for a process that has its storage for itself. */
  public static TaskLeases exclusive() {
    return new TaskLeases(Optional.empty());
  }

  /** Keeps leases in a storage that other processes use, too. */
  public static TaskLeases shared(Supplier<Store> system, Leases.Options options) {
    return new TaskLeases(
        Optional.of(new Shared(system, new Leases(options), new WantedLeases<>())));
  }

  /** A held lease, or the permission to work without one. */
  static final class Held implements AutoCloseable {
    private final Optional<Lease> lease;

    private Held(Optional<Lease> lease) {
      this.lease = lease;
    }

    /** Returns whether the lease was renewed in time, so that no other instance can have it. */
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

  /** Takes the lease of a task. Returns empty if another task or instance holds it. */
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

  /** Ends the renewals. Leases that are still held expire after their duration. */
  @Override
  public void close() {
    shared.ifPresent(with -> with.leases().close());
  }
}

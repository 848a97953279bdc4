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
 * The leases of tasks. Of all instances that share a storage, only the holder of a task's lease
 * runs it. Safe for use by many threads.
 *
 * <p>The leases are stored in the system store. The table {@code task_leases} contains the rows of
 * a {@link Lease} under the key (type, slot). The slot is the subject's hash modulo {@value
 * #SLOTS}, which bounds the number of rows regardless of the number of databases. Two subjects in
 * the same slot wait for each other.
 *
 * <p>If one process uses the storage exclusively, there are no leases, and nothing is written.
 */
public final class TaskLeases implements AutoCloseable {

  /** The leases, a table of the system store. */
  public static final Table TABLE = new Table(32, "task_leases");

  private static final int SLOTS = 1_024;

  private record Shared(Supplier<Store> system, Leases leases, WantedLeases<String> wanted) {}

  private final Optional<Shared> shared;
  private final ReentrantLock lock = new ReentrantLock();

  private TaskLeases(Optional<Shared> shared) {
    this.shared = shared;
  }

  /** Creates leases for exclusive use of a storage: every task gets its lease, at no cost. */
  public static TaskLeases exclusive() {
    return new TaskLeases(Optional.empty());
  }

  /** Creates leases for a storage that several processes share. */
  public static TaskLeases shared(Supplier<Store> system, Leases.Options options) {
    return new TaskLeases(
        Optional.of(new Shared(system, new Leases(options), new WantedLeases<>())));
  }

  /** An acquired lease, or the permission to work without one. */
  static final class Held implements AutoCloseable {
    private final Optional<Lease> lease;

    private Held(Optional<Lease> lease) {
      this.lease = lease;
    }

    /** Whether the lease is certainly still held. */
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

  /** Acquires the lease of a task. Returns empty if another task or instance holds it. */
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

  /** Stops renewing. Leases that are still held expire after their duration. */
  @Override
  public void close() {
    shared.ifPresent(with -> with.leases().close());
  }
}

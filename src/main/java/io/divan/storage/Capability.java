package io.divan.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Something that a backend may offer beyond what every backend must. {@link
 * StorageAdapter#capability} and {@link Store#capability} return it, or empty if the backend lacks
 * it. A backend offers a capability by implementing its interface on the adapter or the
 * store.
 *
 * <p>The document service works without any capability. A layer over
 * another backend may need one; it then refuses at start-up a base that lacks it.
 */
public interface Capability {

  /** Snapshots that outlive a function. Offered by a {@link Store}; needed by layers. */
  interface Snapshots extends Capability {

    /**
     * Opens a snapshot of the newest committed state.
     *
     * @throws StorageException.StoreUnavailable when too many are open
     */
    Snapshot openSnapshot();

    /**
     * Returns how long a snapshot stays readable, or empty if it does until it is closed. After
     * that time its reads throw {@link StorageException.SnapshotTooOld}.
     */
    default Optional<Duration> lifetime() {
      return Optional.empty();
    }
  }

  /** Estimates of the size of a part of a table. Offered by a {@link Store}. */
  interface RangeSizes extends Capability {

    /**
     * Estimates the bytes of keys and values within a range's bounds. A result of at most {@link
     * ReadTransaction#SCAN_BYTES_MAX} is exact; a larger one may be anything up to {@link
     * Store#sizeBytes()}. The range's direction and limit do not matter.
     */
    long estimatedBytes(Range range);
  }

  /** Returns free space of the engine's files to the file system. Offered by a {@link Store}. */
  interface Shrinking extends Capability {

    /**
     * Moves some megabytes at most. Readers go on; writers wait for this step only.
     *
     * @return whether another call may return more space
     * @throws StorageException as {@link Store#write} does
     */
    boolean shrink();
  }

  /**
   * Transactions that need not be durable when they return, for data that is useless until a later
   * durable transaction refers to it. Offered by a {@link Store}.
   */
  interface UnsyncedWrites extends Capability {

    /**
     * Runs a transaction as {@link Store#write} does, but does not wait for the disk. The
     * transaction is serializable, and visible to every transaction that begins after this call. A
     * crash of the process or the machine may lose it until a {@link Store#write} that wrote
     * something and began after this call has returned, or the adapter is closed. A crash never
     * loses a transaction without all later ones: what is lost is the end of the commit order.
     *
     * <p>The process may survive the loss: if the engine fails, its next use reopens what is on
     * disk. So the durable transaction that refers to unsynced rows must read a row of the last of
     * these transactions. If that row exists, so do all of them.
     *
     * @throws StorageException as {@link Store#write} does
     */
    <T> Written<T> writeUnsynced(Function<WriteTransaction, T> work);

    /** Runs a transaction unsynced if the store can, and durably otherwise. */
    static <T> Written<T> orDurable(Store store, Function<WriteTransaction, T> work) {
      Optional<UnsyncedWrites> unsynced = store.capability(UnsyncedWrites.class);
      return unsynced.isPresent() ? unsynced.get().writeUnsynced(work) : store.write(work);
    }
  }

  /**
   * Handles of databases that were open lately, without the round trip that checks whether they
   * still exist. Offered by a {@link StorageAdapter} whose {@code open} costs a round trip.
   */
  interface UnverifiedHandles extends Capability {

    /**
     * Returns a recently opened handle, if any, without checking that its database still exists. If
     * the database was deleted, the handle's first transaction throws {@link
     * StorageException.DatabaseNotFound}; then call {@link StorageAdapter#open}, because the name
     * may have been created again.
     */
    Optional<Store> openUnverified(String name);
  }

  /**
   * Creates and deletes databases in one transaction with rows of the system store. Offered by a
   * {@link StorageAdapter} that keeps all databases in one store. The rules for the work are those
   * of {@link Store#write}.
   */
  interface SystemRows extends Capability {

    /** Creates a database as {@link StorageAdapter#create} does, together with system rows. */
    Store create(
        String name,
        Consumer<WriteTransaction> initialWork,
        Consumer<WriteTransaction> systemWork);

    /** Deletes a database as {@link StorageAdapter#delete} does, together with system rows. */
    void delete(String name, Consumer<WriteTransaction> systemWork);
  }

  /**
   * Marks a {@link StorageAdapter} whose databases other processes may use at the same time. The
   * service then runs background tasks under leases.
   */
  interface SharedStorage extends Capability {}

  /** The place of the files of a {@link StorageAdapter} that keeps files on this machine. */
  interface LocalFiles extends Capability {

    /** The directory of the files, absolute. It exists. */
    Path directory();
  }

  /** Numbers about the engine, for monitoring. Offered by a {@link StorageAdapter}. */
  interface Measured extends Capability {

    /**
     * Returns the numbers now: totals over all databases, and the same names each time. Called
     * every few seconds; takes milliseconds, waits for no transaction and throws nothing.
     */
    List<Measurement> measure();
  }

  /** The backend's report of its own state. Offered by a {@link StorageAdapter}. */
  interface Status extends Capability {

    /**
     * Returns the newest report, or empty if there is none yet. Takes about a second at most and
     * throws nothing when the backend cannot serve.
     */
    Optional<StatusReport> status();
  }
}

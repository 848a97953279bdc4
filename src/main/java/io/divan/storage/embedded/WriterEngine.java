package io.divan.storage.embedded;

import io.divan.storage.Limits;
import io.divan.storage.StorageException;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import java.util.Optional;

/** An engine with one writer, driven by a {@link SingleWriter} on one thread at a time. */
public interface WriterEngine {
  /**
   * Begins a group. Opens the engine if it is not open.
   *
   * @throws StorageException when the engine cannot serve; {@link
   *     StorageException.DatabaseNotFound} and {@link StorageException.StoreFull} refuse one
   *     member, anything else is a failure
   */
  Group begin();

  /**
   * Begins a group that need not be durable after its commit, until a later group that is. Engines
   * that cannot do this keep the default, which begins an ordinary group.
   */
  default Group beginUnsynced() {
    return begin();
  }

  /** Closes the engine after a failure; {@link #begin} opens it again. Does not throw. */
  void closeAfterFailure();

  /** One engine transaction that members share. {@link #commit} or {@link #abort} ends it. */
  interface Group {
    /** Begins the next member. The previous one has been kept or rolled back. */
    Member begin();

    /**
     * Makes the writes of kept members visible, and durable unless the group is unsynced. A durable
     * commit also makes all earlier commits durable.
     *
     * @throws StorageException.StoreFull when nothing was committed because the disk is full; the
     *     engine remains usable
     * @throws StorageException.LimitExceeded when nothing was committed because the group is too
     *     large
     * @throws StorageException.DatabaseNotFound when nothing was committed because the database is
     *     being deleted
     * @throws RuntimeException when the engine failed; the group may or may not be committed
     */
    void commit();

    /** Ends the group and discards its writes. */
    void abort();
  }

  /** One write transaction within a group. */
  interface Member {
    /** The transaction that the member's work receives. */
    WriteTransaction transaction();

    /**
     * Ends the member; its writes stay in the group.
     *
     * @return the member's versionstamp, or empty if it wrote nothing
     * @throws RuntimeException when the engine refused one of its writes, even if the work caught
     *     that exception; the caller then rolls the member back
     */
    Optional<Versionstamp> keep();

    /**
     * Undoes this member alone.
     *
     * @return false when the engine has undone the whole group
     * @throws RuntimeException when the engine failed
     */
    boolean rollback();

    /** The bytes written so far, by {@link Limits}' formula. */
    long bytes();
  }
}

package io.divan.document;

import io.divan.storage.Store;

/**
 * Hears of the edits of one database after they have committed. Called by the thread that edits, so
 * it neither blocks nor uses the storage; it may start work in the background. Safe for use by many
 * threads.
 */
@FunctionalInterface
public interface CommitListener {

  /** Makes the listener of a database; called when a handle is opened. */
  @FunctionalInterface
  interface Factory {

    /** Makes the listener of the database that a store holds. */
    CommitListener listenerOf(Store store);
  }

  /**
   * A transaction with edits has committed.
   *
   * @param oldBytes how many bytes of non-leaf bodies it left for compaction; negative where it
   *     removed some
   */
  void committed(long oldBytes);
}

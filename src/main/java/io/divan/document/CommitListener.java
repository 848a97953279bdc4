package io.divan.document;

import io.divan.storage.Store;

/**
 * Is notified of each commit of edits to one database. The editing thread calls it after the
 * commit, so it must not block or use the storage; it may start background work. An {@link
 * EditObserver}, by contrast, runs inside the transaction. Safe for use by many threads.
 */
@FunctionalInterface
public interface CommitListener {

  /** Creates the listener of a database when a handle is opened. */
  @FunctionalInterface
  interface Factory {

    /** Creates the listener of the database in a store. */
    CommitListener listenerOf(Store store);
  }

  /**
   * Called after a transaction with edits has committed.
   *
   * @param nonLeafBytes change in the stored size of non-leaf bodies, in bytes; negative if more
   *     was removed than added
   */
  void committed(long nonLeafBytes);
}

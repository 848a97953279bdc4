package io.divan.document;

import io.divan.storage.Store;
import java.util.List;
import java.util.function.Supplier;

/**
 * Hears of the edits of one database after they have committed and before they are acknowledged.
 * Called by the thread that edits, so it neither blocks nor uses the storage; it may start work in
 * the background. Safe for use by many threads.
 */
@FunctionalInterface
public interface CommitListener {

  /** Makes the listener of a database; called when a handle is opened. */
  @FunctionalInterface
  interface Factory {

    /** Makes the listener of the database that a store holds. */
    CommitListener listenerOf(Store store);

    /** A factory whose listeners pass everything to those of all these. */
    static Factory of(List<Factory> factories) {
      return store -> {
        List<CommitListener> listeners =
            factories.stream().map(factory -> factory.listenerOf(store)).toList();
        return new CommitListener() {
          @Override
          public void committed(Commit commit) {
            listeners.forEach(listener -> listener.committed(commit));
          }

          @Override
          public void uploading() {
            listeners.forEach(CommitListener::uploading);
          }
        };
      };
    }
  }

  /**
   * A committed transaction with edits.
   *
   * @param principal on whose behalf they were made
   * @param ids the documents that were edited or purged
   * @param nonLeafBytes how many bytes of non-leaf bodies it left for compaction; negative where it
   *     removed some
   * @param leavesBlobs whether it left blobs that no document references
   * @param observedRows how many rows {@link EditObserver}s wrote
   */
  record Commit(
      Principal principal,
      Supplier<List<String>> ids,
      long nonLeafBytes,
      boolean leavesBlobs,
      long observedRows) {}

  /** A transaction with edits has committed. */
  void committed(Commit commit);

  /** An upload begins. It may end without an edit and without removing its blob. */
  default void uploading() {}
}

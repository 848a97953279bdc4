package io.divan.document;

import io.divan.storage.WriteTransaction;
import java.util.List;
import java.util.Optional;

/**
 * Receives the changes of one transaction and may write rows of its own in that transaction. Hears
 * of interactive and replicated edits and of purges; local documents are not reported.
 */
public interface EditObserver {

  /**
   * Whether {@link #changed} needs the bodies of this document if its winner changes. Where no
   * observer needs them, none are read.
   */
  boolean needsBodies(String id);

  /**
   * Receives the documents whose leaves changed, each once, after their rows were written. An
   * exception rolls the transaction back.
   */
  void changed(List<DocumentChange> changes);

  /** Returns the number of rows that the observer has written in the transaction, for meters. */
  default long rowsWritten() {
    return 0;
  }

  /** Chooses the observer of a transaction. */
  @FunctionalInterface
  interface Source {

    /**
     * The observer for a database as it is configured now; empty when it has none. Called before
     * the transaction writes, and again when the transaction is retried.
     *
     * @param transaction for the rows that the observer writes, in tables of its own
     */
    Optional<EditObserver> observer(EditContext context, WriteTransaction transaction);
  }
}

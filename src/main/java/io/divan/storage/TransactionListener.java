package io.divan.storage;

import java.time.Duration;
import java.util.Optional;

/**
 * Receives a report of every finished transaction, once, from the adapter that ran it. Adapters
 * call it on their own threads: it returns quickly and never throws.
 */
@FunctionalInterface
public interface TransactionListener {

  /** Ignores all reports. */
  TransactionListener NONE = report -> {};

  /** Receives the report of a transaction that has ended. */
  void finished(Report report);

  /** The kind of a transaction. */
  enum Kind {
    READ,
    WRITE
  }

  /** The end of a transaction. */
  enum Outcome {
    /** The reads are done, or the writes committed. */
    DONE,
    /** The work threw an exception; nothing was written. */
    ROLLED_BACK,
    /** The engine failed, or refused the transaction, for example after a long wait. */
    FAILED
  }

  /**
   * A report of one transaction.
   *
   * @param trace its origin, if it belongs to a {@link Trace}
   * @param kind whether it could write
   * @param outcome how it ended
   * @param attempts how often its work ran; 0 if it never began
   * @param conflicts how many attempts ended in a conflict
   * @param unknownResults how many attempts ended without a known result of their commit
   * @param bytes the bytes of its writes, by the formula of {@link Limits}; 0 for reads
   * @param groupSize how many transactions shared its commit; 1 if alone
   * @param waited how long it waited before its work began
   * @param worked how long its work took
   * @param committed how long its commit took, which a group shares
   */
  record Report(
      Optional<Trace.Transaction> trace,
      Kind kind,
      Outcome outcome,
      int attempts,
      int conflicts,
      int unknownResults,
      long bytes,
      int groupSize,
      Duration waited,
      Duration worked,
      Duration committed) {

    /** The report of an engine that always knows the result of a commit. */
    public Report(
        Optional<Trace.Transaction> trace,
        Kind kind,
        Outcome outcome,
        int attempts,
        int conflicts,
        long bytes,
        int groupSize,
        Duration waited,
        Duration worked,
        Duration committed) {
      this(
          trace, kind, outcome, attempts, conflicts, 0, bytes, groupSize, waited, worked,
          committed);
    }
  }
}

package io.divan.storage;

import java.time.Duration;
import java.util.Optional;

/**
 * Told of every finished transaction, once, by the adapter that ran it. Called on the adapter's
 * threads: it must be quick and must not throw.
 */
@FunctionalInterface
public interface TransactionListener {

  /** Hears nothing. */
  TransactionListener NONE = report -> {};

  /** A transaction has ended. */
  void finished(Report report);

  /** Whether a transaction could write. */
  enum Kind {
    READ,
    WRITE
  }

  /** How a transaction ended. */
  enum Outcome {
    /** It read, or committed. */
    DONE,
    /** Its work threw and nothing was written. */
    ROLLED_BACK,
    /** The engine failed it. */
    FAILED
  }

  /**
   * What is told of a transaction.
   *
   * @param trace its identifier, where its request asked for a {@link Trace}
   * @param kind whether it could write
   * @param outcome how it ended
   * @param attempts how often its work ran, at least 1 where it ran at all
   * @param conflicts how many attempts ended in a conflict
   * @param bytes of its writes, by {@link Limits}' formula; 0 for reads
   * @param groupSize how many transactions shared its commit; 1 when alone
   * @param waited time before its work began
   * @param worked time its work took
   * @param committed time its commit took, the group's included
   */
  record Report(
      Optional<String> trace,
      Kind kind,
      Outcome outcome,
      int attempts,
      int conflicts,
      long bytes,
      int groupSize,
      Duration waited,
      Duration worked,
      Duration committed) {}
}

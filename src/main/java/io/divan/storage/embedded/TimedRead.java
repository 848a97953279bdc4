package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Measures a read transaction for its report. Its waiting time begins at construction.
 *
 * @param <T> the result
 */
public final class TimedRead<T> implements Supplier<T> {
  private final Supplier<T> work;
  private final Optional<Trace.Transaction> trace = Trace.nextTransaction();
  private final long queuedNanos = System.nanoTime();
  private TransactionListener.Outcome outcome = TransactionListener.Outcome.FAILED;
  private int attempts;
  private long begunNanos;
  private long endedNanos;

  TimedRead(Supplier<T> work) {
    this.work = work;
  }

  /** Runs a read transaction on the current thread and reports it. */
  public static <T> T run(TransactionListener listener, Supplier<T> work) {
    TimedRead<T> read = new TimedRead<>(work);
    try {
      return read.get();
    } finally {
      listener.finished(read.report());
    }
  }

  @Override
  public T get() {
    attempts = 1;
    begunNanos = System.nanoTime();
    endedNanos = begunNanos;
    try {
      T result = work.get();
      outcome = TransactionListener.Outcome.DONE;
      return result;
    } catch (RuntimeException | Error e) {
      if (!(e instanceof StorageException)) {
        outcome = TransactionListener.Outcome.ROLLED_BACK;
      }
      throw e;
    } finally {
      endedNanos = System.nanoTime();
    }
  }

  TransactionListener.Report report() {
    long begun = attempts == 0 ? System.nanoTime() : begunNanos;
    return new TransactionListener.Report(
        trace,
        TransactionListener.Kind.READ,
        outcome,
        attempts,
        0,
        0,
        1,
        Duration.ofNanos(begun - queuedNanos),
        Duration.ofNanos(attempts == 0 ? 0 : endedNanos - begun),
        Duration.ZERO);
  }
}

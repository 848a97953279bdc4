package io.divan.storage;

import java.util.Optional;

/**
 * A trace of the transactions of one request, under a name that its sender chose. An adapter gives
 * each transaction an identifier ({@code name-1}, {@code name-2} …), passes it to its engine's own
 * tracing and reports it to the {@link TransactionListener}. A trace covers the transactions that
 * begin on the thread of {@link #call} while it runs.
 */
public final class Trace {

  /** The most characters of a name. FoundationDB accepts identifiers of 100 characters. */
  public static final int NAME_LENGTH_MAX = 60;

  private static final ScopedValue<Trace> CURRENT = ScopedValue.newInstance();

  private final String name;
  private int transactions;

  private Trace(String name) {
    this.name = name;
  }

  /**
   * Runs {@code work} and traces its transactions.
   *
   * @param name at most {@link #NAME_LENGTH_MAX} characters
   */
  public static <T, X extends Throwable> T call(
      String name, ScopedValue.CallableOp<? extends T, X> work) throws X {
    return ScopedValue.where(CURRENT, new Trace(name)).call(work);
  }

  /** Returns the identifier of a transaction that begins on this thread, if it is traced. */
  public static Optional<String> nextTransaction() {
    if (!CURRENT.isBound()) {
      return Optional.empty();
    }
    Trace trace = CURRENT.get();
    trace.transactions++;
    return Optional.of(trace.name + "-" + trace.transactions);
  }
}

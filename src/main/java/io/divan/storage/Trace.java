package io.divan.storage;

import java.util.Optional;

/**
 * Traces the transactions of one request under a name that its sender chose: adapters give each an
 * identifier, {@code name-1} and so on, which they hand to their engine's own tracing and tell the
 * {@link TransactionListener}. A trace belongs to the thread that {@link #call} runs on, and to the
 * transactions that this thread begins meanwhile.
 */
public final class Trace {

  /** The most characters of a name; FoundationDB takes identifiers of 100. */
  public static final int NAME_LENGTH_MAX = 60;

  private static final ScopedValue<Trace> CURRENT = ScopedValue.newInstance();

  private final String name;
  private int transactions;

  private Trace(String name) {
    this.name = name;
  }

  /**
   * Runs something with its transactions traced.
   *
   * @param name at most {@link #NAME_LENGTH_MAX} characters
   */
  public static <T, X extends Throwable> T call(
      String name, ScopedValue.CallableOp<? extends T, X> work) throws X {
    return ScopedValue.where(CURRENT, new Trace(name)).call(work);
  }

  /** The identifier of a transaction that begins on this thread, where it is to be traced. */
  public static Optional<String> nextTransaction() {
    if (!CURRENT.isBound()) {
      return Optional.empty();
    }
    Trace trace = CURRENT.get();
    trace.transactions++;
    return Optional.of(trace.name + "-" + trace.transactions);
  }
}

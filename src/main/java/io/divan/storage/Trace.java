package io.divan.storage;

import java.util.Optional;

/**
 * The origin of transactions: a request, or work that a request has started. Adapters report each
 * transaction to their {@link TransactionListener} together with its origin. A trace covers the
 * transactions that begin on the thread of {@link #call} while it runs.
 *
 * <p>A trace with a {@linkplain #named name} is detailed: an adapter passes the identifier of each
 * transaction ({@code name-1}, {@code name-2} …) to its engine's own tracing.
 */
public final class Trace {

  /** The most characters of a name. FoundationDB accepts identifiers of 100 characters. */
  public static final int NAME_LENGTH_MAX = 60;

  private static final ScopedValue<Trace> CURRENT = ScopedValue.newInstance();

  private final String request;
  private final Optional<String> name;
  private final TransactionListener listener;
  private int transactions;

  /**
   * Creates a trace without a name.
   *
   * @param request the id of the request
   * @param listener receives the reports of the trace's transactions, on any thread
   */
  public Trace(String request, TransactionListener listener) {
    this(request, Optional.empty(), listener);
  }

  private Trace(String request, Optional<String> name, TransactionListener listener) {
    this.request = request;
    this.name = name;
    this.listener = listener;
  }

  /**
   * A transaction of a trace.
   *
   * @param trace its origin
   * @param number counts the transactions of the trace, from 1
   */
  public record Transaction(Trace trace, int number) {

    /** The identifier for the engine's own tracing, if the trace is detailed. */
    public Optional<String> identifier() {
      return trace.name.map(name -> name + "-" + number);
    }
  }

  /** Runs {@code work}, whose transactions belong to this trace. */
  public <T, X extends Throwable> T call(ScopedValue.CallableOp<? extends T, X> work) throws X {
    return ScopedValue.where(CURRENT, this).call(work);
  }

  /**
   * Returns a detailed trace of the same request, with at most {@link #NAME_LENGTH_MAX} characters.
   */
  public Trace named(String name) {
    return new Trace(request, Optional.of(name), listener);
  }

  /** The id of the request. */
  public String request() {
    return request;
  }

  /** Receives the reports of the trace's transactions. */
  public TransactionListener listener() {
    return listener;
  }

  /** Returns the trace of the current thread. */
  public static Optional<Trace> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /** Returns the origin of a transaction that begins on this thread, if it is known. */
  public static Optional<Transaction> nextTransaction() {
    if (!CURRENT.isBound()) {
      return Optional.empty();
    }
    Trace trace = CURRENT.get();
    trace.transactions++;
    return Optional.of(new Transaction(trace, trace.transactions));
  }
}

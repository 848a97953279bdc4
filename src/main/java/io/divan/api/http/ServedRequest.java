package io.divan.api.http;

import io.divan.logging.LogContext;
import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request while it is served: its id, and how its time is spent. The thread of the request
 * measures its own waits. Reports of transactions arrive on any thread.
 */
public final class ServedRequest implements TransactionListener {
  private static final String ATTRIBUTE = ServedRequest.class.getName();
  private static final ScopedValue<ServedRequest> CURRENT = ScopedValue.newInstance();

  private final String id;
  private final Trace trace;
  private final Stretch stretch = new Stretch(System.nanoTime());
  private final Transactions transactions = new Transactions();
  private volatile Map<String, String> context;
  private volatile @Nullable TransactionListener observer;
  private long bodyNanos;

  ServedRequest(String id, Map<String, String> context) {
    this.id = id;
    this.context = context;
    this.trace = new Trace(id, this);
  }

  /** Work that sends bytes to the client. */
  @FunctionalInterface
  public interface Sending {
    void run() throws IOException;
  }

  /** Work that waits. */
  @FunctionalInterface
  public interface Waiting<T> {
    T run() throws InterruptedException;
  }

  /**
   * The time between two waits for events. The longest of them decides whether a request is slow.
   */
  private static final class Stretch {
    private long begunNanos;
    private long pausedNanos;
    private long longestNanos;

    Stretch(long begunNanos) {
      this.begunNanos = begunNanos;
    }

    /** Does not count a wait that is part of the stretch. */
    void pause(long nanos) {
      pausedNanos += nanos;
    }

    void end(long nanoTime) {
      longestNanos = Math.max(longestNanos, nanoTime - begunNanos - pausedNanos);
    }

    void begin(long nanoTime) {
      begunNanos = nanoTime;
      pausedNanos = 0;
    }
  }

  /**
   * The sums over the transactions of a request.
   *
   * @param count the number of transactions
   */
  record Totals(
      int count, int attempts, int conflicts, long waitedNanos, long workedNanos,
      long committedNanos) {}

  private static final class Transactions {
    private int count;
    private int attempts;
    private int conflicts;
    private long waitedNanos;
    private long workedNanos;
    private long committedNanos;

    synchronized void add(Report report) {
      count++;
      attempts += report.attempts();
      conflicts += report.conflicts();
      waitedNanos += report.waited().toNanos();
      workedNanos += report.worked().toNanos();
      committedNanos += report.committed().toNanos();
    }

    synchronized Totals totals() {
      return new Totals(count, attempts, conflicts, waitedNanos, workedNanos, committedNanos);
    }
  }

  /** The request that a container's request belongs to, or null before it is served. */
  public static @Nullable ServedRequest of(ServletRequest request) {
    return (ServedRequest) request.getAttribute(ATTRIBUTE);
  }

  /** Runs the work of the request. */
  void serve(ServletRequest request, ScopedValue.CallableOp<Boolean, Exception> work)
      throws Exception {
    request.setAttribute(ATTRIBUTE, this);
    try {
      ScopedValue.where(CURRENT, this).call(() -> trace.call(work));
    } finally {
      stretch.end(System.nanoTime());
    }
  }

  /** Waits for an event that the request does not cause, such as a change of a database. */
  public static <T> T waitForEvent(Waiting<T> waiting) throws InterruptedException {
    if (!CURRENT.isBound()) {
      return waiting.run();
    }
    Stretch stretch = CURRENT.get().stretch;
    stretch.end(System.nanoTime());
    try {
      return waiting.run();
    } finally {
      stretch.begin(System.nanoTime());
    }
  }

  /** Sends so many bytes that the client may have to take some before this returns. */
  public static void send(Sending sending) throws IOException {
    if (!CURRENT.isBound()) {
      sending.run();
      return;
    }
    Stretch stretch = CURRENT.get().stretch;
    long begun = System.nanoTime();
    try {
      sending.run();
    } finally {
      stretch.pause(System.nanoTime() - begun);
    }
  }

  /** Adds time for which the request waited for its body. */
  void waitedForBody(long nanos) {
    bodyNanos += nanos;
    stretch.pause(nanos);
  }

  @Override
  public void finished(Report report) {
    transactions.add(report);
    TransactionListener listener = observer;
    if (listener != null) {
      listener.finished(report);
    }
  }

  /**
   * Passes on the reports of the transactions that begin from now on.
   *
   * @param trace the id of the trace that the request belongs to, for its log lines
   */
  public void observe(String trace, TransactionListener listener) {
    Map<String, String> more = new HashMap<>(context);
    more.put(LogContext.TRACE, trace);
    context = Map.copyOf(more);
    observer = listener;
  }

  /** What the lines about the request carry beside its id. */
  Map<String, String> context() {
    return context;
  }

  /** The request's id, which the log, the header and the storage share. */
  public String id() {
    return id;
  }

  /** The origin of the request's transactions. */
  Trace trace() {
    return trace;
  }

  /** The longest time without waits for the client or for events. */
  long ownNanos() {
    return stretch.longestNanos;
  }

  /** The time for which the request waited for its body. */
  long bodyNanos() {
    return bodyNanos;
  }

  /** What the transactions that have ended so far took together. */
  Totals totals() {
    return transactions.totals();
  }
}

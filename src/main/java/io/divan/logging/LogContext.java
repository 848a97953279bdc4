package io.divan.logging;

import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import org.slf4j.MDC;

/** The names of what log lines carry beside their message, in SLF4J's MDC. */
public final class LogContext {

  /** The id of the request, which the header {@code X-Couch-Request-ID} also contains. */
  public static final String REQUEST = "request";

  /** The {@code X-Request-Id} that a trusted proxy has sent. */
  public static final String PROXY_REQUEST = "proxyRequest";

  /** The trace that a trusted proxy has named, or that the service has begun. */
  public static final String TRACE = "traceId";

  private LogContext() {}

  /**
   * Returns work for another thread, whose log lines and transactions carry the id of the request
   * that the present thread serves, if any.
   */
  public static Runnable carrying(Runnable work) {
    return Trace.current()
        .map(Trace::request)
        .<Runnable>map(
            request -> () -> run(
                request,
                () -> new Trace(request, TransactionListener.NONE)
                    .call(
                        () -> {
                          work.run();
                          return request;
                        })))
        .orElse(work);
  }

  /** Runs work whose log lines carry the id of a request. */
  public static void run(String request, Runnable work) {
    String former = MDC.get(REQUEST);
    MDC.put(REQUEST, request);
    try {
      work.run();
    } finally {
      if (former == null) {
        MDC.remove(REQUEST);
      } else {
        MDC.put(REQUEST, former);
      }
    }
  }
}

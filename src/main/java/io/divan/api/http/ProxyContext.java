package io.divan.api.http;

import io.divan.logging.LogContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.http.MimeHeaders;

/**
 * The ids that a proxy gives a request: {@code X-Request-Id} and W3C's {@code traceparent}. Only
 * those of trusted proxies count: they appear on log lines, and a {@code traceparent} decides
 * whether a request is traced.
 */
final class ProxyContext {
  private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,64}");
  private static final Pattern TRACE_PARENT =
      Pattern.compile("(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}");

  /** The headers of the formats that Micrometer can read. */
  private static final List<String> TRACE_HEADERS =
      List.of(
          "traceparent", "tracestate", "baggage", "b3", "X-B3-TraceId", "X-B3-SpanId",
          "X-B3-ParentSpanId", "X-B3-Sampled", "X-B3-Flags");

  private final TrustedProxies proxies;
  private final boolean isTracing;

  /**
   * Creates a reader of proxies' ids.
   *
   * @param isTracing whether requests are traced, so that their log lines carry the trace anyway
   */
  ProxyContext(TrustedProxies proxies, boolean isTracing) {
    this.proxies = proxies;
    this.isTracing = isTracing;
  }

  /** Returns what log lines carry. Removes the trace headers of clients that are not trusted. */
  Map<String, String> of(Request request) {
    if (!isTracing && proxies.isEmpty()) {
      return Map.of();
    }
    if (proxies.trusts(request)) {
      return read(request);
    }
    if (isTracing) {
      MimeHeaders headers = request.getCoyoteRequest().getMimeHeaders();
      TRACE_HEADERS.forEach(headers::removeHeader);
    }
    return Map.of();
  }

  private Map<String, String> read(Request request) {
    Map<String, String> context = new LinkedHashMap<>();
    String id = request.getHeader("X-Request-Id");
    if (id != null && REQUEST_ID.matcher(id).matches()) {
      context.put(LogContext.PROXY_REQUEST, id);
    }
    String parent = isTracing ? null : request.getHeader("traceparent");
    if (parent != null && parent.length() <= 64) {
      Matcher matcher = TRACE_PARENT.matcher(parent);
      if (matcher.matches()) {
        context.put(LogContext.TRACE, matcher.group(1));
      }
    }
    return context;
  }
}

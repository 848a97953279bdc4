package io.divan.api.http;

import io.divan.logging.LogContext;
import io.divan.logging.LogLine;
import io.divan.logging.LogSettings;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.catalina.AccessLog;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Gives each request its id and its {@link ServedRequest}, and logs it after it has ended: to
 * {@code divan.access} if that is enabled, and to {@code divan.slow} if it was slow. It is a valve
 * and not a filter because Tomcat passes an access log also the requests that it refuses itself.
 *
 * <p>Lines contain the path without its query, which may hold secrets, and no header.
 */
final class RequestValve extends ValveBase implements AccessLog {
  private static final Logger ACCESS = LoggerFactory.getLogger("divan.access");
  private static final Logger SLOW = LoggerFactory.getLogger("divan.slow");
  private static final Pattern ID_SYNTAX = Pattern.compile("[0-9A-Za-z_-]{1,36}");
  private static final int PATH_MAX = 256;

  private final RunningRequests running;
  private final Supplier<LogSettings> settings;
  private final Supplier<ProxyContext> proxies;

  /** Takes the settings when the first request arrives: Tomcat needs its valves before them. */
  RequestValve(
      RunningRequests running,
      Supplier<LogSettings> settings,
      Supplier<ProxyContext> proxies) {
    super(true);
    this.running = running;
    this.proxies = proxies;
    this.settings = settings;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    running.began();
    try {
      serve(request, response);
    } finally {
      running.ended();
    }
  }

  private void serve(Request request, Response response) throws IOException, ServletException {
    ServedRequest served = new ServedRequest(id(request), proxies.get().of(request));
    served.context().forEach(MDC::put);
    MDC.put(LogContext.REQUEST, served.id());
    try {
      served.serve(
          request,
          () -> {
            getNext().invoke(request, response);
            return true;
          });
    } catch (ServletException | IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new ServletException(e);
    } finally {
      MDC.clear();
    }
  }

  /** The client's own id if CouchDB would accept it; otherwise a random one. */
  private static String id(Request request) {
    String given = request.getHeader(HeadersFilter.REQUEST_ID);
    return given != null && ID_SYNTAX.matcher(given).matches()
        ? given
        : HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong(), 10);
  }

  /** Called by Tomcat after the response has ended, also for requests that it refused itself. */
  @Override
  public void log(Request request, Response response, long nanos) {
    LogSettings log = settings.get();
    ServedRequest served = ServedRequest.of(request);
    long slowNanos = log.slowRequest().toNanos();
    boolean isSlow = slowNanos > 0 && served != null && served.ownNanos() >= slowNanos;
    if (!isSlow && !log.logsAccess()) {
      return;
    }
    Runnable lines =
        () -> {
          if (log.logsAccess() && ACCESS.isInfoEnabled()) {
            common(LogLine.at(ACCESS, Level.INFO), request, response, nanos).log();
          }
          if (isSlow && served != null) {
            slow(served, request, response, nanos);
          }
        };
    if (served == null) {
      lines.run();
    } else {
      served.context().forEach(MDC::put);
      LogContext.run(served.id(), lines);
      served.context().keySet().forEach(MDC::remove);
    }
  }

  private static LogLine common(LogLine line, Request request, Response response, long nanos) {
    return line
        .quote("address", ClientAddress.of(request))
        .quote("caller", Principals.name(request).orElse(""))
        .quote("method", String.valueOf(request.getMethod()), 16)
        .quote("path", path(request), PATH_MAX)
        .add("status", response.getStatus())
        .add("bytes", response.getBytesWritten(false))
        .millis("millis", nanos);
  }

  private static String path(Request request) {
    String path = request.getRequestURI(); // without the query
    return path == null ? "" : path;
  }

  /** The template of the path, without the patterns of its variables; empty if there is none. */
  private static String route(Request request) {
    Object template = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
    return template == null ? "" : RequestMeters.template(template.toString());
  }

  private static void slow(
      ServedRequest served, Request request, Response response, long nanos) {
    ServedRequest.Totals storage = served.totals();
    common(LogLine.at(SLOW, Level.WARN).text("Slow request:"), request, response, nanos)
        .quote("route", route(request), PATH_MAX)
        .millis("own_millis", served.ownNanos())
        .millis("body_millis", served.bodyNanos())
        .add("transactions", storage.count())
        .add("attempts", storage.attempts())
        .add("conflicts", storage.conflicts())
        .millis("waited_millis", storage.waitedNanos())
        .millis("worked_millis", storage.workedNanos())
        .millis("committed_millis", storage.committedNanos())
        .log();
  }

  /** Does nothing: lines take the client's address from {@link ClientAddress}. */
  @Override
  public void setRequestAttributesEnabled(boolean enabled) {}

  @Override
  public boolean getRequestAttributesEnabled() {
    return false;
  }
}

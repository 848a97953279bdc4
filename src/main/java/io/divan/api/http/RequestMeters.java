package io.divan.api.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The timers of requests, by route, method and status. A timer is looked up once for each
 * combination, and then found by its position. Routes are the templates of controllers, so that the
 * number of timers is bounded. Safe for use by many threads.
 */
@Component
public final class RequestMeters {

  /** The meter's name. Spring Boot uses the same, which dashboards know. */
  public static final String NAME = "http.server.requests";

  private static final String UNKNOWN = "UNKNOWN";
  private static final String OTHER = "OTHER";
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "PUT", "POST", "DELETE", "COPY", "OPTIONS", "PATCH", OTHER);

  /** A path variable of a template, with its regular expression. */
  private static final Pattern VARIABLE = Pattern.compile("\\{(\\*?\\w+)(:[^}]*)?}");

  private static final int STATUS_MIN = 100;
  private static final int STATUSES = 500;

  private static final Duration[] BUCKETS = {
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(10),
  };

  private record Route(
      String template, boolean isDatabase, AtomicReferenceArray<Timer>[] byMethod) {

    @SuppressWarnings({"unchecked", "rawtypes"}) // arrays of a generic type
    Route(String template) {
      this(
          template, template.equals("/{db}"), new AtomicReferenceArray[METHODS.size()]);
      for (int i = 0; i < byMethod.length; i++) {
        byMethod[i] = new AtomicReferenceArray<>(STATUSES);
      }
    }
  }

  private final MeterRegistry registry;
  private final Map<String, Route> routes = new ConcurrentHashMap<>();
  private final Route unknown = new Route(UNKNOWN);
  private final RecentValues recent = new RecentValues(System::nanoTime);
  private final RecentValues recentInfos = new RecentValues(System::nanoTime);

  RequestMeters(MeterRegistry registry, RunningRequests running) {
    this.registry = registry;
    Gauge.builder("divan.http.requests.active", running, RunningRequests::count)
        .description("Requests that run now, feeds included")
        .register(registry);
  }

  /**
   * Records a request that has ended.
   *
   * @param pattern the pattern of its route; null if it was refused before that was known
   */
  void ended(@Nullable String pattern, String method, int status, long nanos) {
    recent.record(nanos / 1e6);
    Route route = pattern == null ? unknown : routes.get(pattern);
    if (route == null) {
      route = routes.computeIfAbsent(pattern, key -> new Route(template(key)));
    }
    int at = METHODS.indexOf(method);
    int position = at < 0 ? METHODS.size() - 1 : at;
    int code = Math.clamp(status - STATUS_MIN, 0, STATUSES - 1);
    if (route.isDatabase() && position == 0) {
      recentInfos.record(nanos / 1e6);
    }
    Timer timer = route.byMethod()[position].get(code);
    if (timer == null) {
      timer = timer(route.template(), METHODS.get(position), code + STATUS_MIN);
      route.byMethod()[position].set(code, timer);
    }
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** The durations of the last seconds, in milliseconds. */
  public RecentValues recent() {
    return recent;
  }

  /** The durations of the last requests for the state of a database, in milliseconds. */
  public RecentValues recentInfos() {
    return recentInfos;
  }

  private Timer timer(String uri, String method, int status) {
    return Timer.builder(NAME)
        .description("Duration of HTTP requests, until the last byte of the response")
        .tags("uri", uri, "method", method)
        .tags("status", Integer.toString(status), "outcome", outcome(status))
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  /** The names of Spring Boot. */
  private static String outcome(int status) {
    return switch (status / 100) {
      case 1 -> "INFORMATIONAL";
      case 2 -> "SUCCESS";
      case 3 -> "REDIRECTION";
      case 4 -> "CLIENT_ERROR";
      default -> "SERVER_ERROR";
    };
  }

  /** Removes the regular expressions from a pattern: {@code /{db:[^_].*}} becomes {@code /{db}}. */
  public static String template(String pattern) {
    return VARIABLE.matcher(pattern).replaceAll("{$1}");
  }
}

package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RunningRequests running = new RunningRequests();
  private final RequestMeters meters = new RequestMeters(registry, running);

  private Timer timer(String uri, String method, String status, String outcome) {
    return registry
        .get("http.server.requests")
        .tags("uri", uri, "method", method, "status", status, "outcome", outcome)
        .timer();
  }

  @Test
  void template_hasNoRegularExpressions() {
    assertThat(RequestMeters.template(Paths.DOCUMENT)).isEqualTo("/{db}/{id}");
    assertThat(RequestMeters.template(Paths.SERVER + "/**")).isEqualTo("/{server}/**");
    assertThat(RequestMeters.template("/{db}/{*attachment}")).isEqualTo("/{db}/{*attachment}");
  }

  @Test
  void ended_countsByRouteMethodAndStatus() {
    running.began();
    assertThat(registry.get("divan.http.requests.active").gauge().value()).isEqualTo(1);
    meters.ended(Paths.DOCUMENT, "GET", 200, 3_000_000);
    running.ended();
    running.began();
    meters.ended(Paths.DOCUMENT, "GET", 200, 5_000_000);
    running.ended();

    assertThat(registry.get("divan.http.requests.active").gauge().value()).isZero();
    Timer timer = timer("/{db}/{id}", "GET", "200", "SUCCESS");
    assertThat(timer.count()).isEqualTo(2);
    assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(8);
  }

  @Test
  void ended_strangeMethodsAndStatuses_areBounded() {
    for (int i = 0; i < 100; i++) {
      meters.ended(null, "X" + i, 400, 1);
    }
    meters.ended(null, "GET", 9_999, 1);
    meters.ended(null, "GET", -1, 1);

    assertThat(timer("UNKNOWN", "OTHER", "400", "CLIENT_ERROR").count()).isEqualTo(100);
    assertThat(registry.find("http.server.requests").timers()).hasSize(3);
  }
}

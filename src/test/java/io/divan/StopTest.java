package io.divan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stopping the service with signals, in child processes. */
@Timeout(120)
class StopTest {
  private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");
  private static final String DRAINING = "Draining";

  @TempDir Path directory;

  private static Http client(ChildJvm child) throws IOException {
    Matcher port = PORT.matcher(child.lineWith("Tomcat started on port"));
    assertThat(port.find()).isTrue();
    return new Http("http://127.0.0.1:" + port.group(1));
  }

  private ChildJvm start(String... settings) throws IOException {
    String[] all = new String[settings.length + 1];
    all[0] = "--server.port=0";
    System.arraycopy(settings, 0, all, 1, settings.length);
    return ChildJvm.service(directory, all);
  }

  private static HttpConnection beginPut(Http http, String target) throws IOException {
    HttpConnection connection = http.connect();
    connection.send(
        "PUT " + target + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
            + "Expect: 100-continue\r\nContent-Length: 7\r\n\r\n");
    assertThat(connection.answer().status()).isEqualTo(100); // the controller reads the body
    return connection;
  }

  @Test
  void terminate_requestInFlight_completesAndExitsWithZero() throws Exception {
    try (ChildJvm child = start()) {
      Http http = client(child);
      http.put("/db", "");
      try (HttpConnection put = beginPut(http, "/db/slow")) {
        child.terminate();
        child.lineWith("Commencing graceful shutdown");
        put.send("{\"a\":1}".getBytes(StandardCharsets.US_ASCII));
        assertThat(put.answer().status()).isEqualTo(201);
      }
      assertThat(child.exitCode()).isZero();
    }
    try (Service again = Service.start(directory)) {
      assertThat(again.http().get("/db/slow").status()).isEqualTo(200);
    }
  }

  @Test
  void interrupt_idleService_exitsWithZero() throws Exception {
    try (ChildJvm child = start()) {
      client(child);
      assumeThat(child.ignoresInterrupt()).isFalse();
      child.signal("INT");
      assertThat(child.lineWith("Stopping because of SIGINT")).isNotEmpty();
      assertThat(child.exitCode()).isZero();
    }
  }

  @Test
  void terminate_waitingFeeds_endWithTheirLastSequence() throws Exception {
    try (ChildJvm child = start("--divan.http.drain-time=1s")) {
      Http http = client(child);
      http.put("/db", "");
      http.put("/db/a", "{}");
      String since = "&since=now&heartbeat=10000";
      try (HttpConnection continuous = http.connect();
          HttpConnection longpoll = http.connect();
          HttpConnection events = http.connect()) {
        HttpAnswer first = begin(continuous, "continuous" + since);
        HttpAnswer second = begin(longpoll, "longpoll" + since);
        HttpAnswer third = begin(events, "eventsource" + since);

        child.terminate();

        assertThat(first.text()).containsPattern("\\{\"last_seq\":\"1-[^\"]+\",\"pending\":0}");
        assertThat(second.text())
            .containsPattern("],\\s\"last_seq\":\"1-[^\"]+\",\"pending\":0}");
        assertThat(third.text()).isBlank();
      }
      assertThat(child.exitCode()).isZero();
    }
  }

  private static HttpAnswer begin(HttpConnection connection, String feed) throws IOException {
    HttpAnswer answer =
        connection.send("GET", "/db/_changes?feed=" + feed, List.of()).answer();
    answer.line();
    return answer;
  }

  @Test
  void drain_keepAliveClients_areServedAndAskedToClose() throws Exception {
    try (ChildJvm child = start("--divan.http.drain-time=3s")) {
      Http http = client(child);
      http.put("/db", "");
      try (HttpConnection kept = http.connect()) {
        assertThat(kept.send("GET", "/db", List.of()).answer().whole().header("Connection"))
            .isEmpty();
        child.terminate();
        child.lineWith(DRAINING);

        HttpAnswer answer = kept.send("GET", "/db", List.of()).answer().whole();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Connection")).contains("close");
      }
      assertThat(http.get("/actuator/health/readiness").status()).isEqualTo(503);
      assertThat(http.get("/actuator/health/readiness").text()).contains("OUT_OF_SERVICE");
      assertThat(http.get("/actuator/health/liveness").status()).isEqualTo(200);
      HttpAnswer missing = http.get("/db/none");
      assertThat(missing.status()).isEqualTo(404);
      assertThat(missing.header("Connection")).contains("close");
      int served = 0;
      boolean refused = false;
      while (!refused) { // the kernel may have accepted a connection that nobody reads
        try {
          assertThat(http.put("/db/" + served, "{}").status()).isEqualTo(201);
          served++;
        } catch (UncheckedIOException e) {
          assertThat(e).hasRootCauseInstanceOf(IOException.class);
          refused = true;
        }
      }
      assertThat(served).isPositive();
      assertThat(child.exitCode()).isZero();
      try (Service again = Service.start(directory)) {
        assertThat(again.http().get("/db").json().get("doc_count").intValue()).isEqualTo(served);
      }
    }
  }

  @Test
  void drain_feedThatBeginsMeanwhile_waitsForTheEnd() throws Exception {
    try (ChildJvm child = start("--divan.http.drain-time=2s")) {
      Http http = client(child);
      http.put("/db", "");
      child.terminate();
      child.lineWith(DRAINING);
      try (HttpConnection feed = http.connect()) {
        HttpAnswer answer = begin(feed, "longpoll&since=now");
        assertThat(http.put("/db/a", "{}").status()).isEqualTo(201);
        assertThat(answer.text()).contains("\"id\":\"a\"");
      }
      assertThat(child.exitCode()).isZero();
    }
  }

  @Test
  void gracePeriod_requestThatNeverEnds_isCutOff() throws Exception {
    try (ChildJvm child = start("--spring.lifecycle.timeout-per-shutdown-phase=500ms")) {
      Http http = client(child);
      http.put("/db", "");
      try (HttpConnection put = beginPut(http, "/db/never")) {
        put.send("{".getBytes(StandardCharsets.US_ASCII));
        child.terminate();
        assertThat(child.lineWith("Graceful shutdown aborted")).isNotEmpty();
        assertThat(child.exitCode()).isZero();
      }
    }
  }

  @Test
  void secondSignal_whileStopping_endsAtOnce() throws Exception {
    try (ChildJvm child = start("--divan.http.drain-time=10m")) {
      client(child);
      child.terminate();
      child.lineWith(DRAINING);
      long begin = System.nanoTime();
      child.terminate();
      assertThat(child.lineWith("second signal")).contains("Ending at once");
      assertThat(child.exitCode()).isEqualTo(143);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    }
  }
}

package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.LogEvents;
import io.divan.Secrets;
import io.divan.Service;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The access log, the slow-request log, and the ids of requests on log lines. */
class RequestLogTest {
  private static final String CONFIG = "/_node/_local/_config/log/";
  private static final String TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "traceparent: 00-" + TRACE_ID + "-00f067aa0ba902b7-01";

  @TempDir static Path directory;

  private static Service service;
  private static Http admin;

  @BeforeAll
  static void start() {
    service =
        Service.start(
            directory,
            "--divan.admins.admin=" + FuzzCaller.ADMIN_PASSWORD,
            "--divan.authentication.iterations=1",
            "--divan.http.trusted-proxies=127.0.0.1",
            "--divan.logging.access.enabled=true",
            "--divan.logging.slow-request=off",
            "--logging.level.divan=info");
    admin = FuzzCaller.admin(service);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static Map<String, Object> fields(ILoggingEvent event) {
    return event.getKeyValuePairs().stream()
        .collect(Collectors.toMap(pair -> pair.key, pair -> pair.value));
  }

  @Test
  void access_ofARequest_isOneLine() throws Exception {
    String db = admin.newDatabase();
    try (LogEvents access = new LogEvents("divan.access")) {
      HttpAnswer answer =
          admin.put(
              db + "/a?password=" + Secrets.MARK, "{}", "X-Forwarded-For: 203.0.113.7",
              "X-Request-Id: edge-1", PARENT);

      ILoggingEvent event = access.await(message -> message.contains(db + "/a"));
      assertThat(event.getLevel()).isEqualTo(Level.INFO);
      assertThat(event.getFormattedMessage())
          .matches(
              "address=\"203\\.0\\.113\\.7\" caller=\"admin\" method=\"PUT\" path=\"" + db
                  + "/a\" status=" + answer.status() + " bytes=" + answer.bytes().length
                  + " millis=[0-9]+\\.[0-9]{3}");
      assertThat(event.getMDCPropertyMap())
          .containsEntry("request", answer.header("X-Couch-Request-ID").orElseThrow())
          .containsEntry("proxyRequest", "edge-1")
          .containsEntry("traceId", TRACE_ID);
      assertThat(fields(event))
          .containsEntry("status", answer.status())
          .containsEntry("caller", "admin")
          .containsEntry("path", db + "/a");
    }
  }

  @Test
  void access_valuesOfClients_areBoundedAndEscaped() throws Exception {
    try (LogEvents access = new LogEvents("divan.access")) {
      admin.get("/" + "x".repeat(300), "X-Request-Id: a b", "traceparent: 00-" + TRACE_ID);
      ILoggingEvent bounded = access.await(message -> message.contains("/xxx"));
      assertThat(bounded.getFormattedMessage()).contains("x".repeat(255) + "…\"");
      assertThat(bounded.getMDCPropertyMap()).doesNotContainKeys("proxyRequest", "traceId");

      admin.get("/quote\"%0Alevel=ERROR\\");
      ILoggingEvent quoted = access.await(message -> message.contains("/quote"));
      assertThat(quoted.getFormattedMessage())
          .contains("path=\"/quote\\\"%0Alevel=ERROR\\\\\" status=404");
    }
  }

  @Test
  void access_ofAMalformedRequest_isLogged() throws Exception {
    try (LogEvents access = new LogEvents("divan.access");
        HttpConnection connection = service.http().connect()) {
      connection.send("GET / HTTP/1.1\r\nHost: a b\r\n\r\n");

      assertThat(access.await(message -> true).getFormattedMessage())
          .startsWith("address=\"127.0.0.1\" caller=\"\" method=\"GET\" path=\"/\" status=400 ");
    }
  }

  @Test
  void access_switchedOffAtRunTime_logsNothing() throws Exception {
    try (LogEvents access = new LogEvents("divan.access")) {
      assertThat(admin.put(CONFIG + "access", "\"false\"").status()).isEqualTo(200);
      admin.get("/none");
      admin.put(CONFIG + "access", "\"true\"");
      admin.get("/other");

      access.await(message -> message.contains("/other"));
      assertThat(access.take()).noneMatch(message -> message.contains("/none"));
    } finally {
      admin.delete(CONFIG + "access");
    }
  }

  @Test
  void slowRequest_logsHowItsTimeWasSpent() throws Exception {
    String db = admin.newDatabase();
    String docs =
        IntStream.range(0, 3_000)
            .mapToObj(i -> "{\"_id\":\"" + i + "\",\"a\":" + i + "}")
            .collect(Collectors.joining(",", "{\"docs\":[", "]}"));
    admin.put(CONFIG + "slow_request", "\"1ms\"");
    admin.put(CONFIG + "slow_transaction", "\"1ms\"");
    try (LogEvents slow = new LogEvents("divan.slow")) {
      HttpAnswer answer =
          admin.post(db + "/_bulk_docs", docs, "Content-Type: application/json");
      assertThat(answer.status()).isEqualTo(201);
      String id = answer.header("X-Couch-Request-ID").orElseThrow();

      ILoggingEvent transaction =
          slow.await(
              message -> message.startsWith(
                  "Slow transaction: kind=write outcome=done transaction="));
      assertThat(transaction.getLevel()).isEqualTo(Level.WARN);
      assertThat(transaction.getMDCPropertyMap()).containsEntry("request", id);
      assertThat(transaction.getThreadName()).contains("writer");
      ILoggingEvent event =
          slow.await(
              message -> message.startsWith("Slow request: ")
                  && message.contains("path=\"" + db + "/_bulk_docs\""));
      assertThat(event.getLevel()).isEqualTo(Level.WARN);
      assertThat(event.getMDCPropertyMap()).containsEntry("request", id);
      assertThat(fields(event))
          .containsEntry("route", "/{db}/_bulk_docs")
          .containsEntry("status", 201)
          .containsEntry("conflicts", 0);
      assertThat((Integer) fields(event).get("transactions")).isPositive();
      assertThat((Double) fields(event).get("worked_millis")).isPositive();
      assertThat((Double) fields(event).get("own_millis"))
          .isLessThanOrEqualTo((Double) fields(event).get("millis"));
    } finally {
      admin.delete(CONFIG + "slow_request");
      admin.delete(CONFIG + "slow_transaction");
    }
  }

  @Test
  void thresholds_invalid_areRefused() {
    for (String value : List.of("-1s", "5", "5 s", "", "1d", "9999999999s", "x")) {
      HttpAnswer answer = admin.put(CONFIG + "slow_request", "\"" + value + "\"");
      assertThat(answer.status()).as(value).isEqualTo(value.equals("5") ? 200 : 400);
    }
    assertThat(admin.get(CONFIG + "slow_request").text()).isEqualTo("\"5\"\n");
    assertThat(admin.delete(CONFIG + "slow_request").status()).isEqualTo(200);
  }

  @Test
  void trace_ofOtherThanAdministrators_isIgnored() throws IOException {
    try (LogEvents traces = new LogEvents("io.divan.operations.TransactionTraces")) {
      HttpAnswer mine = service.http().get("/_session", "X-Divan-Trace: mine");
      HttpAnswer invalid = service.http().get("/_session", "X-Divan-Trace: not/valid");

      assertThat(mine.status()).isEqualTo(200);
      assertThat(mine.header("X-Divan-Trace")).isEmpty();
      assertThat(invalid.status()).isEqualTo(200);
      assertThat(traces.take()).isEmpty();
    }
  }
}

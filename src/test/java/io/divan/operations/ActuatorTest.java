package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.SharedService;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Health and metrics. */
@ExtendWith(SharedService.class)
class ActuatorTest {

  @Test
  void health_runningService_allComponentsUp(Http http) {
    JsonNode health = http.get("/actuator/health").json();

    assertThat(health.get("status").stringValue()).isEqualTo("UP");
    assertThat(health.at("/components/storage/status").stringValue()).isEqualTo("UP");
    assertThat(health.get("groups").valueStream().map(JsonNode::stringValue))
        .contains("liveness", "readiness");
    JsonNode readiness = http.get("/actuator/health/readiness").json();
    assertThat(readiness.at("/components/storage/status").stringValue()).isEqualTo("UP");
    assertThat(http.get("/actuator/health/liveness").status()).isEqualTo(200);
  }

  @Test
  void health_unknownPath_isNotFound(Http http) {
    for (String path : List.of("x", "x/y", "storage/x", "liveness/x", "x%2Fy", "a/b/c")) {
      assertThat(http.get("/actuator/health/" + path).status()).as(path).isEqualTo(404);
    }
  }

  @Test
  void health_invalidQuery_isRefused(Http http) {
    for (String query : List.of("=%00", "%", "a=%zz")) {
      HttpAnswer answer = http.get("/actuator/health/readiness?" + query);

      assertThat(answer.status()).as(query).isEqualTo(400);
      assertThat(answer.json().get("error").stringValue()).isEqualTo("bad_request");
    }
  }

  @Test
  void health_storageClosed_downButAlive(@TempDir Path directory) {
    try (Service service = Service.start(directory)) {
      service.part(StorageAdapter.class).close();

      HttpAnswer health = service.http().get("/actuator/health");
      HttpAnswer up = service.http().get("/_up");

      assertThat(health.status()).isEqualTo(503);
      assertThat(health.json().at("/components/storage/status").stringValue()).isEqualTo("DOWN");
      assertThat(service.http().get("/actuator/health/readiness").status()).isEqualTo(503);
      assertThat(service.http().get("/actuator/health/liveness").status()).isEqualTo(200);
      assertThat(up.status()).isEqualTo(503);
      assertThat(up.header("Retry-After")).isPresent();
      assertThat(service.http().get("/").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"env", "beans", "heapdump", "shutdown", "configprops", "loggers"})
  void endpoint_sensitive_notExposed(String name, Http http) {
    assertThat(http.get("/actuator/" + name).status()).isEqualTo(404);
    assertThat(http.post("/actuator/" + name, "{}").status()).isEqualTo(404);
  }

  @Test
  void prometheus_readsAndWrites_countsThem(Http http) throws Exception {
    String db = http.newDatabase();
    String before = http.get("/actuator/prometheus").text();
    List<Callable<HttpAnswer>> writers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String path = db + "/d" + i;
      writers.add(() -> http.put(path, "{}"));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<HttpAnswer> writer : threads.invokeAll(writers)) {
        assertThat(writer.get().status()).isEqualTo(201);
      }
    }
    http.get(db + "/d0");
    String after = http.get("/actuator/prometheus").text();

    String writes =
        "divan_transactions_seconds_count{backend=\"redb\",kind=\"write\",outcome=\"done\"}";
    String reads =
        "divan_transactions_seconds_count{backend=\"redb\",kind=\"read\",outcome=\"done\"}";
    assertThat(value(after, writes) - value(before, writes)).isGreaterThanOrEqualTo(40);
    assertThat(value(after, reads) - value(before, reads)).isGreaterThanOrEqualTo(1);
    String attempts = "divan_transactions_attempts_total{backend=\"redb\",kind=\"write\"}";
    assertThat(value(after, attempts) - value(before, attempts)).isGreaterThanOrEqualTo(40);
    String ofWrites = "{backend=\"redb\",kind=\"write\"}";
    String ofBackend = "{backend=\"redb\"}";
    assertThat(value(after, "divan_transactions_conflicts_total" + ofWrites)).isNotNegative();
    assertThat(value(after, writes.replace("_count", "_sum"))).isPositive();
    assertThat(value(after, "divan_transactions_group_size_count" + ofBackend))
        .isGreaterThanOrEqualTo(40);
    assertThat(value(after, "divan_transactions_group_size_sum" + ofBackend))
        .isGreaterThanOrEqualTo(value(after, "divan_transactions_group_size_count" + ofBackend));
    assertThat(value(after, "divan_transactions_bytes_sum" + ofBackend)).isPositive();
    assertThat(value(after, "divan_transactions_committed_seconds_count" + ofBackend))
        .isPositive();
    assertThat(value(after, "divan_transactions_waited_seconds_count" + ofWrites)).isPositive();
  }

  private static double value(String metrics, String name) {
    Matcher line =
        Pattern.compile("^" + Pattern.quote(name) + " (\\S+)$", Pattern.MULTILINE)
            .matcher(metrics);
    assertThat(line.find()).as(name).isTrue();
    return Double.parseDouble(line.group(1));
  }
}

package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.Service;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/** Requests return 503 while the cluster is unavailable. No restart is needed afterwards. */
@ExtendWith(OutputCaptureExtension.class)
class LostClusterTest {
  @TempDir Path directory;

  @Test
  void cluster_unavailable_isServiceUnavailableUntilItIsBack() {
    try (Service service =
        Service.start(
            directory,
            "--divan.storage.backend=memory",
            "--divan.storage.fdb.timeout=200ms",
            "--divan.storage.fdb.retry-limit=5")) {
      Http http = service.http();
      String path = http.newDatabase();
      assertThat(http.put(path + "/a", "{}").status()).isEqualTo(201);
      JsonNode details = http.get("/actuator/health").json().at("/components/storage/details");
      assertThat(details.get("recovery_state").stringValue()).isEqualTo("fully_recovered");
      assertThat(details.get("max_zone_failures_without_losing_data").intValue()).isZero();
      Faults faults = service.part(SimulatedFoundationDb.class).faults();

      faults.chance(Faults.Fault.PROCESS_BEHIND, 1);
      HttpAnswer lost = http.get(path + "/a");
      assertThat(lost.status()).isEqualTo(503);
      assertThat(lost.header("Retry-After")).isPresent();
      assertThat(http.put(path + "/b", "{}").status()).isEqualTo(503);
      assertThat(http.get("/_up").status()).isEqualTo(503);
      HttpAnswer health = http.get("/actuator/health");
      assertThat(health.status()).isEqualTo(503);
      assertThat(health.json().at("/components/storage/status").stringValue()).isEqualTo("DOWN");
      assertThat(health.json().at("/components/storage/details/error").stringValue())
          .isEqualTo("The storage is unavailable: see the server's log");

      faults.clear();
      assertThat(http.get(path + "/a").status()).isEqualTo(200);
      assertThat(http.put(path + "/b", "{}").status()).isEqualTo(201);
      assertThat(http.get("/actuator/health").status()).isEqualTo(200);
    }
  }

  @Test
  void response_clusterLostHalfway_closesTheConnectionAndLogsOneLine(CapturedOutput output)
      throws IOException {
    try (Service service =
        Service.start(
            directory,
            "--divan.storage.backend=memory",
            "--divan.storage.fdb.timeout=5s",
            "--divan.storage.fdb.retry-limit=2");
        HttpConnection connection = service.http().connect()) {
      String path = service.http().newDatabase();
      String document = "{\"v\":\"" + "x".repeat(100) + "\"}";
      String documents = String.join(",", Collections.nCopies(2_000, document));
      assertThat(
          service.http().post(path + "/_bulk_docs", "{\"docs\":[" + documents + "]}").status())
          .isEqualTo(201);
      // A batch has about 500 reads: the third batch fails.
      service
          .part(SimulatedFoundationDb.class)
          .faults()
          .window(Faults.Fault.PROCESS_BEHIND, 1_200, 1_000_000);
      connection.send("GET", path + "/_all_docs?include_docs=true", List.of());
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> connection.answer().text());
      assertThat(output.getAll())
          .containsOnlyOnce("The storage is unavailable: ")
          .doesNotContain("Servlet.service()", "\tat ");
    }
  }
}

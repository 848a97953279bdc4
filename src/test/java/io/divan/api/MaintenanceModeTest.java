package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code couchdb/maintenance_mode}, with the responses of CouchDB 3.5.2. */
class MaintenanceModeTest {
  private static final String MODE = "/_node/_local/_config/couchdb/maintenance_mode";
  private static final String READINESS = "/actuator/health/readiness";

  @TempDir static Path directory;

  private static Service service;
  private static Http http;

  @BeforeAll
  static void start() {
    service = Service.start(directory);
    http = service.http();
    http.put("/db", "");
  }

  @AfterEach
  void endMaintenance() {
    http.delete(MODE);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @ParameterizedTest
  @CsvSource({"true,maintenance_mode", "nolb,nolb"})
  void up_maintenance_isNotFound(String mode, String status) {
    assertThat(http.put(MODE, '"' + mode + '"').text()).isEqualTo("\"false\"\n");

    HttpAnswer up = http.get("/_up");
    assertThat(up.status()).isEqualTo(404);
    assertThat(up.text()).isEqualTo("{\"status\":\"" + status + "\"}\n");
    assertThat(http.head("/_up").status()).isEqualTo(404);
    assertThat(http.post("/_up", "{}").status()).isEqualTo(405);
    HttpAnswer readiness = http.get(READINESS);
    assertThat(readiness.status()).isEqualTo(503);
    assertThat(readiness.json().get("status").stringValue()).isEqualTo("OUT_OF_SERVICE");
    assertThat(readiness.json().at("/components/maintenance/status").stringValue())
        .isEqualTo("OUT_OF_SERVICE");
    assertThat(http.get("/actuator/health/liveness").status()).isEqualTo(200);
    assertThat(http.put("/db/" + mode, "{}").status()).isEqualTo(201);
    assertThat(http.get("/db/" + mode).status()).isEqualTo(200);

    assertThat(http.put(MODE, "\"false\"").text()).isEqualTo('"' + mode + "\"\n");
    assertThat(http.get("/_up").status()).isEqualTo(200);
    assertThat(http.get(READINESS).status()).isEqualTo(200);
  }

  @Test
  void mode_otherValue_isRefused() {
    HttpAnswer answer = http.put(MODE, "\"yes\"");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("must be one of [false, true, nolb]");
    assertThat(http.get("/_up").status()).isEqualTo(200);
  }

  @Test
  void mode_forThisRun_endsWithTheRun(@TempDir Path other) {
    try (Service first = Service.start(other)) {
      first.http().put(MODE, "\"true\"", "X-Couch-Persist: false");
      assertThat(first.http().get("/_up").status()).isEqualTo(404);
    }
    try (Service second = Service.start(other)) {
      assertThat(second.http().get("/_up").status()).isEqualTo(200);
      second.http().put(MODE, "\"nolb\"");
    }
    try (Service third = Service.start(other)) {
      assertThat(third.http().get("/_up").text()).contains("nolb");
    }
  }

  @Test
  void mode_property_countsFromTheStart(@TempDir Path other) {
    try (Service configured = Service.start(other, "--divan.server.maintenance-mode=true")) {
      assertThat(configured.http().get("/_up").status()).isEqualTo(404);
      assertThat(configured.http().get(READINESS).status()).isEqualTo(503);
    }
  }
}

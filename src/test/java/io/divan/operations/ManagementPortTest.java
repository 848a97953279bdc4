package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.Environment;

/** The actuator on a port of its own. */
class ManagementPortTest {
  private static final String ADMIN = "Authorization: Basic YWRtaW46cGFzcw==";
  private static final String WRONG = "Authorization: Basic YWRtaW46d3Jvbmc=";

  @TempDir static Path directory;

  private static Service service;
  private static Http main;
  private static Http management;

  @BeforeAll
  static void start() {
    service =
        Service.start(
            directory,
            "--divan.admins.admin=pass",
            "--divan.authentication.iterations=1",
            "--management.server.port=0",
            "--management.server.address=127.0.0.1");
    main = service.http();
    String port = service.part(Environment.class).getProperty("local.management.port");
    management = new Http("http://127.0.0.1:" + port);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void health_managementPort_hasDetailsForEverybody() {
    HttpAnswer health = management.get("/actuator/health");

    assertThat(health.status()).isEqualTo(200);
    assertThat(health.json().at("/components/disk/details/data/directory").stringValue())
        .isEqualTo(directory.toAbsolutePath().toString());
    assertThat(management.get("/actuator/health/liveness").status()).isEqualTo(200);
    assertThat(management.get("/actuator/health/readiness").status()).isEqualTo(200);
  }

  @Test
  void prometheus_managementPort_needsARole() {
    HttpAnswer refused = management.get("/actuator/prometheus");

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.json().get("error").stringValue()).isEqualTo("unauthorized");
    assertThat(management.get("/actuator/prometheus", WRONG).status()).isEqualTo(401);
    assertThat(management.get("/actuator/prometheus", ADMIN).status()).isEqualTo(200);
    assertThat(management.get("/actuator/env", ADMIN).status()).isEqualTo(404);
    assertThat(management.get("/actuator/env").status()).isEqualTo(401);
  }

  @Test
  void otherPaths_managementPort_areNotFound() {
    for (String path : List.of("/", "/_up", "/_all_dbs", "/_session", "/db/doc", "/error",
        "/actuator", "/a%2Fb",
        "/actuator/health/x/y", "/actuator/x;y")) {
      HttpAnswer answer = management.get(path, ADMIN);

      assertThat(answer.status()).as(path).isEqualTo(404);
      assertThat(answer.text()).as(path).contains("\"error\":\"not_found\"");
    }
    assertThat(management.put("/db", "", ADMIN).status()).isEqualTo(404);
    assertThat(main.get("/_all_dbs", ADMIN).text()).doesNotContain("\"db\"");
  }

  @Test
  void malformedRequests_managementPort_areJson() {
    HttpAnswer answer = management.get("/actuator/health?=%00");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("error").stringValue()).isEqualTo("bad_request");
    assertThat(management.post("/actuator/health", "{}").status()).isEqualTo(405);
  }

  @Test
  void actuator_mainPort_isNotThere() {
    assertThat(main.get("/actuator/health", ADMIN).status()).isEqualTo(404);
    assertThat(main.get("/actuator/prometheus", ADMIN).status()).isEqualTo(404);
    assertThat(main.get("/_up").status()).isEqualTo(200);
  }

  @Test
  void start_managementPortBeyondLoopbackWithoutAdministrators_isRefused(@TempDir Path other) {
    for (String address : List.of("0.0.0.0", "::")) {
      assertThatThrownBy(
          () -> Service.start(
              other, "--management.server.port=0", "--management.server.address=" + address)
              .close())
          .rootCause()
          .hasMessageContaining("management.server.address is not a loopback address");
    }
    assertThatThrownBy(() -> Service.start(other, "--management.server.port=0").close())
        .rootCause()
        .hasMessageContaining("management.server.address is not a loopback address");
  }
}

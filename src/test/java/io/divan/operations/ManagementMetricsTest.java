package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.Environment;

/** The metrics on a port of their own, as the Helm chart configures it. */
class ManagementMetricsTest {

  @Test
  void prometheus_openOnTheManagementPort_needsNoPassword(@TempDir Path directory) {
    try (Service service =
        Service.start(
            directory,
            "--divan.admins.admin=pass",
            "--divan.authentication.iterations=1",
            "--divan.access.open-metrics=true",
            "--divan.access.require-valid-user=true",
            "--management.server.port=0",
            "--management.server.address=127.0.0.1")) {
      String port = service.part(Environment.class).getRequiredProperty("local.management.port");
      Http management = new Http("http://127.0.0.1:" + port);
      assertThat(service.http().get("/_up").status()).isEqualTo(401);

      HttpAnswer metrics = management.get("/actuator/prometheus");

      assertThat(metrics.status()).isEqualTo(200);
      assertThat(metrics.text())
          .contains(
              "http_server_requests_seconds_count{method=\"GET\",outcome=\"CLIENT_ERROR\","
                  + "status=\"401\",uri=\"UNKNOWN\"} 1")
          .contains("tomcat_threads_current_threads{")
          .contains("divan_storage_up{backend=\"redb\"}");
      assertThat(management.get("/actuator/env").status()).isEqualTo(401);
      assertThat(service.http().get("/actuator/prometheus").status()).isEqualTo(404);
      assertThat(service.http().get("/_node/_local/_prometheus").status()).isEqualTo(401);
    }
  }
}

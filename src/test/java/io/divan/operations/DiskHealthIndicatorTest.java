package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.storage.StorageAdapter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.JsonNode;

@ExtendWith(OutputCaptureExtension.class)
class DiskHealthIndicatorTest {
  private static final DiskProperties LIMITS =
      new DiskProperties(DataSize.ofBytes(1000), DataSize.ofBytes(100));

  @TempDir Path directory;

  @Test
  void health_fallingSpace_warnsThenIsDownAndRecovers(CapturedOutput output) {
    try (Service service = Service.start(directory)) {
      AtomicLong free = new AtomicLong(1000);
      DiskHealthIndicator disk =
          new DiskHealthIndicator(
              service.part(StorageAdapter.class), LIMITS, path -> free.get());

      assertThat(disk.health().getStatus()).isEqualTo(Status.UP);
      free.set(999);
      assertThat(disk.health().getStatus()).isEqualTo(DiskHealthIndicator.WARNING);
      assertThat(disk.health().getDetails()).containsOnlyKeys("data", "temporary");
      free.set(99);
      assertThat(disk.health().getStatus()).isEqualTo(Status.DOWN);
      assertThat(disk.health().getStatus()).isEqualTo(Status.DOWN);
      free.set(5000);
      assertThat(disk.health().getStatus()).isEqualTo(Status.UP);
    }
    assertThat(output.getAll().split("Free some disk space", -1)).hasSize(3);
  }

  @Test
  void health_unreadableDisk_isDown() {
    try (Service service = Service.start(directory)) {
      Health health =
          new DiskHealthIndicator(
              service.part(StorageAdapter.class),
              LIMITS,
              path -> {
                throw new IOException("no such device");
              })
              .health();

      assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    }
  }

  @Test
  void health_criticalDisk_leavesReadinessAndReads() {
    try (Service service =
        Service.start(
            directory,
            "--divan.disk.warn-below=1000000TB",
            "--divan.disk.critical-below=1000000TB")) {
      Http http = service.http();
      http.put("/db", "");

      HttpAnswer health = http.get("/actuator/health");
      assertThat(health.status()).isEqualTo(503);
      assertThat(health.json().at("/components/disk/status").stringValue()).isEqualTo("DOWN");
      assertThat(http.get("/actuator/health/readiness").status()).isEqualTo(200);
      assertThat(http.get("/_up").status()).isEqualTo(200);
      assertThat(http.get("/db").status()).isEqualTo(200);
    }
  }

  @Test
  void health_lowDisk_isAWarning() {
    try (Service service = Service.start(directory, "--divan.disk.warn-below=1000000TB")) {
      HttpAnswer health = service.http().get("/actuator/health");

      assertThat(health.status()).isEqualTo(200);
      assertThat(health.json().get("status").stringValue()).isEqualTo("WARNING");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "redb,,,true", "sqlite,,,true", "memory,,,false", "leveldb,api,redb,true",
    "leveldb,api,memory,false", "leveldb,lsm,file,true", "leveldb,lsm,redb,true",
  })
  void health_backend_namesTheDirectoryOfItsFiles(
      String backend, String engine, String over, boolean files) {
    String[] settings =
        engine == null
            ? new String[] {"--divan.storage.backend=" + backend}
            : new String[] {
              "--divan.storage.backend=" + backend,
              "--divan.storage." + backend + ".engine=" + engine,
              "--divan.storage." + backend + ".over=" + over
            };
    try (Service service = Service.start(directory, settings)) {
      JsonNode details =
          service.http().get("/actuator/health").json().at("/components/disk/details");

      assertThat(details.has("temporary")).isTrue();
      assertThat(details.has("data")).isEqualTo(files);
      if (files) {
        assertThat(details.at("/data/directory").stringValue()).startsWith(directory.toString());
      }
    }
  }

  @Test
  void properties_criticalAboveWarning_areRefused() {
    assertThatThrownBy(() -> new DiskProperties(DataSize.ofBytes(1), DataSize.ofBytes(2)))
        .hasMessageContaining("must not exceed warn-below");
  }
}

package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Capability;
import io.divan.storage.Measurement;
import io.divan.storage.StatusReport;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StorageMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private boolean healthy = true;
  private double files = 3;
  private String status = ClusterDetailsTest.REAL;
  private long nanos;

  private interface Capable extends Capability.Measured, Capability.Status {}

  private StorageMeters meters() {
    Capable capable =
        (Capable) Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Capable.class},
            (proxy, method, arguments) -> method.getName().equals("status")
                ? Optional.of(
                    new StatusReport(
                        Instant.EPOCH, status.getBytes(StandardCharsets.UTF_8)))
                : List.of(
                    Measurement.gauge("e.files", "", "Files", files),
                    Measurement.counter(
                        "e.reads", "", Map.of("result", "hit"), "Reads", 2 * files)));
    StorageAdapter adapter =
        (StorageAdapter) Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {StorageAdapter.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("capability")) {
                return Optional.of(capable);
              }
              if (!healthy) {
                throw new StorageException.StoreUnavailable("gone");
              }
              return true;
            });
    return new StorageMeters(adapter, registry, "e", () -> nanos);
  }

  private double gauge(String name, String... tags) {
    return registry.get(name).tags("backend", "e").tags(tags).gauge().value();
  }

  @Test
  void measurements_followTheEngine() {
    try (StorageMeters meters = meters()) {
      assertThat(gauge("divan.e.files")).isEqualTo(3);
      files = 5;
      meters.ask();

      assertThat(gauge("divan.e.files")).isEqualTo(5);
      assertThat(registry.get("divan.e.reads").tags("result", "hit").functionCounter().count())
          .isEqualTo(10);
    }
  }

  @Test
  void up_failure_isZeroUntilTheNextSuccess() {
    try (StorageMeters meters = meters()) {
      assertThat(gauge("divan.storage.up")).isZero();
      meters.ask();
      assertThat(gauge("divan.storage.up")).isEqualTo(1);
      healthy = false;
      meters.ask();
      assertThat(gauge("divan.storage.up")).isZero();
      healthy = true;
      meters.ask();
      assertThat(gauge("divan.storage.up")).isEqualTo(1);
    }
  }

  @Test
  void up_noAnswerForHalfAMinute_isZero() {
    try (StorageMeters meters = meters()) {
      meters.ask();
      nanos = Duration.ofSeconds(29).toNanos();
      assertThat(gauge("divan.storage.up")).isEqualTo(1);
      nanos = Duration.ofSeconds(30).toNanos();
      assertThat(gauge("divan.storage.up")).isZero();
    }
  }

  @Test
  void cluster_statusOfFoundationDb_isRead() {
    try (StorageMeters meters = meters()) {
      assertThat(registry.find("divan.fdb.available").gauge()).isNull();
      meters.ask();

      assertThat(gauge("divan.fdb.available")).isEqualTo(1);
      assertThat(gauge("divan.fdb.healthy")).isZero();
      assertThat(gauge("divan.fdb.probe", "operation", "commit")).isEqualTo(0.0015173);
      assertThat(gauge("divan.fdb.probe", "operation", "read_version")).isEqualTo(0.0044);
      assertThat(gauge("divan.fdb.processes")).isEqualTo(1);
      assertThat(gauge("divan.fdb.operating.space")).isEqualTo(66_010_001_408.0);
      assertThat(gauge("divan.fdb.status.age")).isPositive();
    }
  }

  @Test
  void cluster_unreachable_hasNoNumbers() {
    status = "{\"client\": {\"database_status\": {\"available\": false}}}";
    try (StorageMeters meters = meters()) {
      meters.ask();
      status = "no JSON";
      meters.ask();

      assertThat(gauge("divan.fdb.available")).isZero();
      assertThat(gauge("divan.fdb.probe", "operation", "read")).isNaN();
    }
  }
}

package io.divan.operations;

import io.divan.storage.StatusReport;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The meters of a FoundationDB cluster, from its own status. They are registered with the first
 * status, because other backends have none. A value that the status lacks is NaN.
 */
final class ClusterMeters {
  private static final String PROBE = "/cluster/latency_probe/";
  private static final String PROBE_TEXT = "The cluster's own latency probe";
  private static final JsonMapper JSON = new JsonMapper();

  private record Known(StatusReport report, JsonNode status) {}

  private final MeterRegistry registry;
  private final Tags tags;
  private final InstantSource clock;
  private volatile @Nullable Known known;

  ClusterMeters(MeterRegistry registry, Tags tags, InstantSource clock) {
    this.registry = registry;
    this.tags = tags;
    this.clock = clock;
  }

  /**
   * Takes over a new status. One that is no JSON is ignored; the age of the last one then grows.
   */
  void update(StatusReport report) {
    Known last = known;
    if (last != null && last.report().equals(report)) {
      return;
    }
    try {
      known = new Known(report, JSON.readTree(report.json()));
    } catch (JacksonException e) {
      return;
    }
    if (last == null) {
      register();
    }
  }

  private void register() {
    flag("available", "/client/database_status/available", "Whether the database is available");
    flag("healthy", "/client/database_status/healthy", "Whether the database is healthy");
    probe("read_version", "transaction_start_seconds");
    probe("read", "read_seconds");
    probe("commit", "commit_seconds");
    gauge("fdb.processes", "", "Processes of the cluster", Tags.empty(),
        status -> status.at("/cluster/processes").size());
    number("degraded.processes", "", "/cluster/degraded_processes", "Degraded processes");
    number(
        "tolerated.failures",
        "",
        "/cluster/fault_tolerance/max_zone_failures_without_losing_availability",
        "Zones that may fail without loss of availability");
    number(
        "operating.space",
        "bytes",
        "/cluster/data/least_operating_space_bytes_storage_server",
        "The least operating space of a storage server");
    gauge("fdb.status.age", "seconds", "Age of the cluster's status", Tags.empty(),
        status -> Duration.between(known().report().asOf(), clock.instant()).toMillis() / 1e3);
  }

  private void flag(String name, String pointer, String description) {
    gauge("fdb." + name, "", description, Tags.empty(),
        status -> status.at(pointer).asBoolean(false) ? 1 : 0);
  }

  private void number(String name, String unit, String pointer, String description) {
    gauge("fdb." + name, unit, description, Tags.empty(), status -> value(status.at(pointer)));
  }

  private void probe(String operation, String member) {
    gauge("fdb.probe", "seconds", PROBE_TEXT, Tags.of("operation", operation),
        status -> value(status.at(PROBE + member)));
  }

  private static double value(JsonNode node) {
    return node.isNumber() ? node.asDouble() : Double.NaN;
  }

  private void gauge(
      String name, String unit, String description, Tags more, ToDoubleFunction<JsonNode> value) {
    Gauge.builder("divan." + name, () -> value.applyAsDouble(known().status()))
        .description(description)
        .baseUnit(unit.isEmpty() ? null : unit)
        .tags(tags.and(more))
        .register(registry);
  }

  private Known known() {
    return Objects.requireNonNull(known);
  }
}

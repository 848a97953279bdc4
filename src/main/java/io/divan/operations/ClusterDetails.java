package io.divan.operations;

import io.divan.storage.StatusReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The part of a cluster's status that health shows. The names are those of FoundationDB, whose
 * documentation explains them.
 */
final class ClusterDetails {
  private static final int MESSAGES_MAX = 20;

  /** The names to show, each with the JSON pointer of its value in the status. */
  private static final Map<String, String> SHOWN =
      ordered(
          "database_available", "/client/database_status/available",
          "database_healthy", "/client/database_status/healthy",
          "quorum_reachable", "/client/coordinators/quorum_reachable",
          "cluster_file_up_to_date", "/client/cluster_file/up_to_date",
          "database_locked", "/cluster/database_lock_state/locked",
          "recovery_state", "/cluster/recovery_state/name",
          "data_state", "/cluster/data/state/name",
          "redundancy_mode", "/cluster/configuration/redundancy_mode",
          "storage_engine", "/cluster/configuration/storage_engine",
          "degraded_processes", "/cluster/degraded_processes",
          "max_zone_failures_without_losing_availability",
          "/cluster/fault_tolerance/max_zone_failures_without_losing_availability",
          "max_zone_failures_without_losing_data",
          "/cluster/fault_tolerance/max_zone_failures_without_losing_data",
          "performance_limited_by", "/cluster/qos/performance_limited_by/name",
          "transactions_per_second_limit", "/cluster/qos/transactions_per_second_limit",
          "least_operating_space_bytes_storage_server",
          "/cluster/data/least_operating_space_bytes_storage_server",
          "transaction_start_seconds", "/cluster/latency_probe/transaction_start_seconds",
          "read_seconds", "/cluster/latency_probe/read_seconds",
          "commit_seconds", "/cluster/latency_probe/commit_seconds");

  private static final JsonMapper JSON = new JsonMapper();

  private ClusterDetails() {}

  private static Map<String, String> ordered(String... namesAndPointers) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndPointers.length; i += 2) {
      map.put(namesAndPointers[i], namesAndPointers[i + 1]);
    }
    return map;
  }

  /** Returns the values to show. A value that the status lacks is omitted. */
  static Map<String, Object> of(StatusReport report) {
    JsonNode status;
    try {
      status = JSON.readTree(report.json());
    } catch (JacksonException e) {
      return Map.of("messages", List.of("The cluster's status is not valid JSON"));
    }
    Map<String, Object> shown = new LinkedHashMap<>();
    SHOWN.forEach(
        (name, pointer) -> {
          JsonNode node = status.at(pointer);
          if (node.isValueNode()) {
            shown.put(name, JSON.treeToValue(node, Object.class));
          }
        });
    JsonNode processes = status.at("/cluster/processes");
    if (processes.isObject()) {
      shown.put("processes", processes.size());
    }
    List<String> messages = new ArrayList<>();
    for (String pointer : List.of("/client/messages", "/cluster/messages")) {
      status.at(pointer).valueStream().map(ClusterDetails::text).forEach(messages::add);
    }
    shown.put("messages", messages.stream().limit(MESSAGES_MAX).toList());
    shown.put("as_of", report.asOf().toString());
    return shown;
  }

  private static String text(JsonNode message) {
    return message.path("name").asString("") + ": " + message.path("description").asString("");
  }
}

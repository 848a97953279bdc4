package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.divan.storage.StatusReport;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterDetailsTest {

  /** A shortened status of FoundationDB 7.3.68: one process, just after it created its storage. */
  static final String REAL =
      """
      {"client": {"cluster_file": {"path": "fdb.cluster", "up_to_date": true},
        "coordinators": {"coordinators": [{"address": "127.0.0.1:4600",
          "protocol": "0fdb00b073000000", "reachable": true}], "quorum_reachable": true},
        "database_status": {"available": true, "healthy": false}, "messages": [],
        "timestamp": 1795172914},
       "cluster": {"configuration": {"log_engine": "ssd-2", "redundancy_mode": "single",
          "storage_engine": "ssd-2"},
        "data": {"state": {"description": "(Re)initializing automatic data distribution",
          "name": "initializing"}, "least_operating_space_bytes_storage_server": 66010001408},
        "database_available": true, "database_lock_state": {"locked": false},
        "degraded_processes": 0,
        "fault_tolerance": {"max_zone_failures_without_losing_availability": 0,
          "max_zone_failures_without_losing_data": 0},
        "latency_probe": {"commit_seconds": 0.0015173, "read_seconds": 3.1e-05,
          "transaction_start_seconds": 0.0044},
        "messages": [{"description": "Unable to retrieve all status information.",
          "name": "status_incomplete",
          "reasons": [{"description": "Cannot retrieve all process status information."}]}],
        "processes": {"8a0c": {"address": "127.0.0.1:4600"}},
        "qos": {"performance_limited_by": {"description": "Not saturated.", "name": "workload",
          "reason_id": 2}, "transactions_per_second_limit": 703407},
        "recovery_state": {"active_generations": 1, "name": "all_logs_recruited"}}}
      """;

  /** The status from a client that cannot reach the coordinators. */
  private static final String UNREACHABLE =
      """
      {"client": {"coordinators": {"quorum_reachable": false},
        "database_status": {"available": false, "healthy": false},
        "messages": [{"name": "quorum_not_reachable",
          "description": "Unable to reach a quorum of coordinators."}]}}
      """;

  private static Map<String, Object> details(String json) {
    return ClusterDetails.of(
        new StatusReport(
            Instant.parse("2030-01-01T00:00:00Z"), json.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void of_realStatus_showsSelectedValues() {
    assertThat(details(REAL))
        .contains(
            entry("database_available", true),
            entry("database_healthy", false),
            entry("quorum_reachable", true),
            entry("cluster_file_up_to_date", true),
            entry("database_locked", false),
            entry("recovery_state", "all_logs_recruited"),
            entry("data_state", "initializing"),
            entry("redundancy_mode", "single"),
            entry("degraded_processes", 0),
            entry("max_zone_failures_without_losing_data", 0),
            entry("performance_limited_by", "workload"),
            entry("transactions_per_second_limit", 703407),
            entry("least_operating_space_bytes_storage_server", 66010001408L),
            entry("commit_seconds", 0.0015173),
            entry("processes", 1),
            entry(
                "messages",
                List.of("status_incomplete: Unable to retrieve all status information.")),
            entry("as_of", "2030-01-01T00:00:00Z"));
  }

  @Test
  void of_unreachableCluster_showsMessage() {
    assertThat(details(UNREACHABLE))
        .containsExactly(
            entry("database_available", false),
            entry("database_healthy", false),
            entry("quorum_reachable", false),
            entry(
                "messages",
                List.of("quorum_not_reachable: Unable to reach a quorum of coordinators.")),
            entry("as_of", "2030-01-01T00:00:00Z"));
  }

  @Test
  void of_invalidJson_showsMessage() {
    assertThat(details("{")).containsKey("messages");
  }
}

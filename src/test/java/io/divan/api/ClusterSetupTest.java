package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code _cluster_setup} on a service without administrators. */
class ClusterSetupTest {
  private static final String SETUP = "/_cluster_setup";

  @TempDir Path directory;

  private Service service;
  private Http http;

  @BeforeEach
  void start() {
    service = Service.start(directory, "--divan.storage.backend=memory");
    http = service.http();
    RuntimeConfiguration configuration = service.part(RuntimeConfiguration.class);
    if (configuration.declarations().stream().noneMatch(d -> d.name().equals("admins/*"))) {
      configuration.declareSection(
          "admins", "divan.admins", (key, value) -> "-hashed-" + key, Map.of(), Trait.CHANGEABLE);
    }
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private static void check(HttpAnswer answer, int status, String json) {
    assertThat(answer.text()).isEqualTo(json + "\n");
    assertThat(answer.status()).isEqualTo(status);
  }

  private static String badRequest(String reason) {
    return "{\"error\":\"bad_request\",\"reason\":\"" + reason + "\"}";
  }

  @Test
  void enableSingleNode_withAnAdministrator_finishes() {
    check(http.get(SETUP), 200, "{\"state\":\"single_node_disabled\"}");

    check(
        http.post(
            SETUP,
            "{\"action\":\"enable_single_node\",\"username\":\"anna\",\"password\":\"5ecret\","
                + "\"bind_address\":\"0.0.0.0\",\"port\":5984,\"singlenode\":true}"),
        201,
        "{\"ok\":true}");

    RuntimeConfiguration configuration = service.part(RuntimeConfiguration.class);
    assertThat(configuration.values("admins")).containsOnlyKeys("anna");
    assertThat(configuration.value("admins", "anna")).startsWith("-").doesNotContain("5ecret");
  }

  @Test
  void state_afterTheSetup_dependsOnTheDatabases() {
    http.post(
        SETUP,
        "{\"action\":\"enable_single_node\",\"username\":\"anna\",\"password\":\"5ecret\","
            + "\"ensure_dbs_exist\":[\"one\"]}");
    List<String> basic = List.of("Authorization: Basic YW5uYTo1ZWNyZXQ=");
    boolean authenticates = http.send("GET", "/one", basic, Optional.empty()).status() == 200;
    List<String> headers = authenticates ? basic : List.of();

    check(
        http.send("GET", SETUP + "?ensure_dbs_exist=[\"one\"]", headers, Optional.empty()),
        200,
        "{\"state\":\"single_node_enabled\"}");
    check(
        http.send("GET", SETUP + "?ensure_dbs_exist=[\"two\"]", headers, Optional.empty()),
        200,
        "{\"state\":\"single_node_disabled\"}");
  }

  @Test
  void enableSingleNode_withoutAnAdministrator_isRefused() {
    check(
        http.post(SETUP, "{\"action\":\"enable_single_node\"}"),
        400,
        badRequest("Cluster setup requires admin account to be configured"));
    check(
        http.post(SETUP, "{\"action\":\"enable_single_node\",\"username\":\"anna\"}"),
        400,
        badRequest("username and password belong together"));
    assertThat(http.get("/_replicator").status()).isEqualTo(404);
  }

  @Test
  void finishCluster_twice_isRefusedTheSecondTime() {
    String finish = "{\"action\":\"finish_cluster\",\"ensure_dbs_exist\":[\"one\",\"two\"]}";

    check(http.post(SETUP, finish), 201, "{\"ok\":true}");

    assertThat(http.get("/two").status()).isEqualTo(200);
    check(http.post(SETUP, finish), 400, badRequest("Cluster is already finished"));
  }

  @Test
  void clusterActions_areRefusedBecauseThereIsOneNode() {
    for (String action : List.of("enable_cluster", "add_node", "remove_node", "receive_cookie")) {
      HttpAnswer answer = http.post(SETUP, "{\"action\":\"" + action + "\",\"cookie\":\"x\"}");

      assertThat(answer.status()).as(action).isEqualTo(400);
      assertThat(answer.json().get("reason").stringValue()).contains("one node");
    }
  }

  @Test
  void post_malformed_isRefused() {
    check(http.post(SETUP, "{\"action\":\"x\"}"), 400, badRequest("Invalid Action'"));
    check(http.post(SETUP, "{}"), 400, badRequest("Invalid Action'"));
    check(http.post(SETUP, "[]"), 400, badRequest("Missing JSON body'"));
    check(http.post(SETUP, ""), 400, badRequest("Missing JSON body'"));
    check(
        http.send("POST", SETUP, List.of(), Optional.of("{}".getBytes(StandardCharsets.UTF_8))),
        415,
        "{\"error\":\"bad_content_type\",\"reason\":\"Content-Type must be"
            + " application/json\"}");
    check(
        http.post(SETUP, "{\"action\":\"finish_cluster\",\"ensure_dbs_exist\":[1]}"),
        400,
        badRequest("ensure_dbs_exist must be an array of names of databases"));
    check(
        http.put(SETUP, "{}"),
        405,
        "{\"error\":\"method_not_allowed\",\"reason\":\"Only GET,POST allowed\"}");
  }
}

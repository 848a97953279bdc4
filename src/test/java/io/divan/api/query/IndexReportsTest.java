package io.divan.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.background.ActiveTasks;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What the service reports of indexes to administrators, and keeps from others. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IndexReportsTest {
  private Service service;
  private Http admin;

  @BeforeAll
  void start(@TempDir Path directory) {
    service =
        Service.start(
            directory,
            "--divan.storage.backend=memory",
            "--divan.admins.admin=5ecret",
            "--divan.authentication.iterations=1",
            "--divan.users.open=true",
            "--divan.users.public-fields=nick");
    admin = as("admin:5ecret");
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private Http as(String credentials) {
    return new Http("http://" + credentials + "@127.0.0.1:" + service.port());
  }

  @Test
  void meters_countRowsAndBuilds() {
    Queries queries = Queries.ofDocuments(admin, 30);
    queries.index("n", "n");
    assertThat(queries.ids("{'selector':{'n':{'$gte':28}},'sort':['n']}")).hasSize(2);
    Awaitility.await().until(() -> value("divan.indexes.building") == 0);
    assertThat(value("divan.indexes.documents.built")).isBetween(30.0, 31.0);
    assertThat(value("divan.indexes.documents.left")).isZero();
    double before = value("divan.indexes.rows.written");
    queries.put("new", "{'n':1}");
    queries.put("other", "{'m':1}");
    assertThat(value("divan.indexes.rows.written") - before).isEqualTo(1);
    String revision = queries.get("new").json().get("_rev").asString();
    queries.put("new", "{'_rev':'" + revision + "','n':2}");
    assertThat(value("divan.indexes.rows.written") - before).isEqualTo(3);
  }

  private double value(String meter) {
    return service
        .part(MeterRegistry.class)
        .get(meter)
        .meter()
        .measure()
        .iterator()
        .next()
        .getValue();
  }

  @Test
  void activeTasks_showTheDesignDocumentOfABuild() {
    try (ActiveTasks.Running task =
        service.part(ActiveTasks.class).begin("indexer", "people", 40)) {
      task.update(10, 40, new TreeMap<>(Map.of("design_document", "_design/i")));
      JsonNode listed = admin.get("/_active_tasks").json().get(0);
      assertThat(listed.get("type").asString()).isEqualTo("indexer");
      assertThat(listed.get("database").asString()).isEqualTo("people");
      assertThat(listed.get("design_document").asString()).isEqualTo("_design/i");
      assertThat(listed.get("changes_done").asInt()).isEqualTo(10);
      assertThat(listed.get("total_changes").asInt()).isEqualTo(40);
      assertThat(listed.get("progress").asInt()).isEqualTo(25);
    }
  }

  /** Users see the public fields of others by id, but no lists, which queries are, too. */
  @Test
  void users_areQueriedByAdministratorsOnly() {
    for (String name : new String[] {"ann", "bob"}) {
      admin.put(
          "/_users/org.couchdb.user:" + name,
          "{\"name\":\"" + name + "\",\"password\":\"p\",\"type\":\"user\",\"roles\":[],\"nick\":\""
              + name + "ie\"}");
    }
    admin.post("/_users/_index", "{\"index\":{\"fields\":[\"salt\"]},\"ddoc\":\"s\"}");
    String[][] requests = {
      {"_find", "{\"selector\":{\"salt\":{\"$gt\":null}},\"fields\":[\"salt\"]}"},
      {"_find", "{\"selector\":{\"nick\":\"bobie\"}}"},
      {"_find", "{\"selector\":{\"_id\":{\"$gt\":null}},\"sort\":[\"salt\"]}"},
      {"_explain", "{\"selector\":{}}"},
      {"_index", "{\"index\":{\"fields\":[\"nick\"]}}"},
      {"_index/_bulk_delete", "{\"docids\":[\"s\"]}"}
    };
    for (String[] request : requests) {
      for (Http http : new Http[] {as("ann:p"), service.http()}) {
        HttpAnswer refused = http.post("/_users/" + request[0], request[1]);
        assertThat(refused.status()).as(request[0]).isIn(401, 403);
        assertThat(refused.text()).doesNotContain("bobie", "salt");
      }
    }
    assertThat(as("ann:p").get("/_users/_index").status()).isIn(401, 403);
    assertThat(as("ann:p").delete("/_users/_index/s/json/x").status()).isIn(401, 403);
    JsonNode found = admin.post("/_users/_find", requests[0][1]).json().get("docs");
    assertThat(found.size()).isEqualTo(2);
    assertThat(found.get(0).has("salt")).isTrue();
  }
}

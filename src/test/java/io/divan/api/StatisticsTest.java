package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.SharedService;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code _node/NAME/_stats}, {@code _system}, {@code _prometheus} and {@code _restart}. */
@ExtendWith(SharedService.class)
class StatisticsTest {
  private static final String NODE = "/_node/_local";

  private static long value(Http http, String path) {
    JsonNode statistic = http.get(NODE + "/_stats/couchdb/" + path).json();
    assertThat(statistic.propertyNames()).as(path).containsExactly("value", "type", "desc");
    assertThat(statistic.get("type").stringValue()).isEqualTo("counter");
    return statistic.get("value").longValue();
  }

  @Test
  void stats_countWhatRequestsDo(Http http) {
    String db = http.newDatabase();
    List<String> names =
        List.of(
            "httpd/requests", "httpd_request_methods/PUT", "httpd_status_codes/409",
            "document_inserts", "document_writes", "local_document_writes", "database_reads",
            "database_writes", "httpd/bulk_requests", "commits");
    List<Long> before = names.stream().map(name -> value(http, name)).toList();

    String revision = http.put(db + "/a", "{}").json().get("rev").stringValue();
    http.put(db + "/a?rev=" + revision, "{}");
    http.put(db + "/a", "{}");
    http.put(db + "/_local/a", "{}");
    http.get(db + "/a");
    http.get(db + "/_all_docs?include_docs=true");
    http.post(db + "/_bulk_docs", "{\"docs\":[{},{}]}");

    List<Long> least = List.of(7L, 4L, 1L, 3L, 4L, 1L, 2L, 4L, 1L, 4L);
    for (int i = 0; i < names.size(); i++) {
      assertThat(value(http, names.get(i)) - before.get(i))
          .as(names.get(i))
          .isGreaterThanOrEqualTo(least.get(i));
    }
  }

  @Test
  void stats_histogram_hasTheFieldsOfCouchDb(Http http) {
    http.get("/_up");
    JsonNode time = http.get(NODE + "/_stats/couchdb/request_time").json();

    assertThat(time.get("type").stringValue()).isEqualTo("histogram");
    JsonNode value = time.get("value");
    assertThat(value.propertyNames())
        .containsExactly(
            "n", "min", "max", "arithmetic_mean", "geometric_mean", "harmonic_mean", "median",
            "variance", "standard_deviation", "skewness", "kurtosis", "percentile", "histogram");
    assertThat(value.get("n").longValue()).isPositive();
    assertThat(value.get("min").doubleValue())
        .isPositive()
        .isLessThanOrEqualTo(value.get("median").doubleValue());
    assertThat(value.get("max").doubleValue())
        .isGreaterThanOrEqualTo(value.get("arithmetic_mean").doubleValue());
    assertThat(value.get("percentile").valueStream().map(pair -> pair.get(0).intValue()))
        .containsExactly(50, 75, 90, 95, 99, 999);
  }

  @Test
  void stats_path_selectsASection(Http http) {
    JsonNode all = http.get(NODE + "/_stats").json();

    assertThat(all.propertyNames()).containsExactlyInAnyOrder("couchdb", "couch_log");
    assertThat(http.get("/_node/nonode@nohost/_stats/couchdb").json().propertyNames())
        .containsExactlyElementsOf(all.get("couchdb").propertyNames());
    assertThat(all.at("/couchdb/httpd_status_codes/200/desc").stringValue())
        .isEqualTo("number of HTTP 200 OK responses");
    assertThat(http.head(NODE + "/_stats").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "couchdb/x", "COUCHDB", "couchdb%2Fhttpd", "couchdb/commits/x"})
  void stats_unknownPath_isNull(String path, Http http) {
    HttpAnswer answer = http.get(NODE + "/_stats/" + path);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("null\n");
  }

  @Test
  void system_hasTheFieldsOfCouchDb(Http http) {
    JsonNode system = http.get(NODE + "/_system").json();

    assertThat(system.propertyNames())
        .contains(
            "uptime", "memory", "run_queue", "os_proc_count", "process_count", "process_limit",
            "message_queues", "internal_replication_jobs", "garbage_collection_count");
    assertThat(system.get("memory").propertyNames())
        .containsExactly(
            "other", "atom", "atom_used", "processes", "processes_used", "binary", "code", "ets");
    assertThat(system.at("/memory/processes_used").longValue()).isPositive();
    assertThat(system.get("process_count").longValue()).isGreaterThan(1);
    assertThat(system.get("io_output").longValue()).isPositive();
  }

  @Test
  void prometheus_hasCouchDbsNamesAndOurs(Http http) {
    http.get("/_up");
    HttpAnswer answer = http.get(NODE + "/_prometheus");

    assertThat(answer.header("Content-Type").orElseThrow()).startsWith("text/plain; version=2.0");
    assertThat(answer.text())
        .contains(
            "# TYPE couchdb_httpd_requests_total counter\n",
            "couchdb_httpd_request_methods{method=\"GET\"} ",
            "couchdb_httpd_status_codes{code=\"200\"} ",
            "couchdb_request_time_seconds{quantile=\"0.5\"} ",
            "# TYPE couchdb_open_databases gauge\n",
            "couchdb_auth_cache_requests_total ",
            "couchdb_erlang_memory_bytes{memory_type=\"processes_used\"} ",
            "\ndivan_transactions_seconds_count{")
        .doesNotContain("NaN\ncouchdb");
    assertThat(answer.text().lines().filter(line -> line.startsWith("# TYPE")))
        .doesNotHaveDuplicates();
  }

  @Test
  void restart_isRefusedWithAReason(Http http) {
    HttpAnswer answer = http.post(NODE + "/_restart", "{}");

    assertThat(answer.status()).isEqualTo(501);
    assertThat(answer.json().get("reason").stringValue()).contains("Restart its process");
  }

  @ParameterizedTest
  @ValueSource(strings = {"_stats", "_stats/couchdb", "_system", "_prometheus"})
  void otherMethods_areNotAllowed(String name, Http http) {
    HttpAnswer answer = http.post(NODE + "/" + name, "{}");

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.json().get("reason").stringValue()).isEqualTo("Only GET allowed");
    assertThat(http.get("/_node/other/" + name).status()).isEqualTo(404);
  }
}

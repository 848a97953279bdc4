package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.ValueType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** {@code _node}: settings over HTTP, with the responses of CouchDB's chttpd_node. */
@ExtendWith(OutputCaptureExtension.class)
class NodeConfigTest {
  private static final String CONFIG = "/_node/_local/_config";
  private static final String MAX_COUNT = CONFIG + "/uuids/max_count";
  private static final String WHITELIST = CONFIG + "/chttpd/config_whitelist";

  @TempDir static Path directory;

  private static Service service;
  private static Http http;

  @BeforeAll
  static void start() {
    service = Service.start(
        directory, "--divan.uuids.max-count=500", "--logging.level.divan.audit=info");
    http = service.http();
    service
        .part(RuntimeConfiguration.class)
        .declare(
            "test", "secret", "p", ValueType.TEXT, "hush", Trait.CHANGEABLE, Trait.SECRET);
  }

  @AfterEach
  void restoreSettings() {
    RuntimeConfiguration configuration = service.part(RuntimeConfiguration.class);
    configuration.values().forEach(
        (section, keys) -> keys.keySet().stream()
            .filter(key -> isChangeable(configuration, section + "/" + key))
            .forEach(key -> configuration.remove(section, key, true)));
  }

  private static boolean isChangeable(RuntimeConfiguration configuration, String name) {
    return configuration.declarations().stream()
        .anyMatch(d -> d.name().equals(name) && d.traits().contains(Trait.CHANGEABLE));
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static void check(HttpAnswer answer, int status, String json) {
    assertThat(answer.text()).isEqualTo(json + "\n");
    assertThat(answer.status()).isEqualTo(status);
  }

  private static String error(String error, String reason) {
    return "{\"error\":\"" + error + "\",\"reason\":\"" + reason + "\"}";
  }

  private static void restart() {
    service.close();
    start();
  }

  @Test
  void conversation_aboutSettings() {
    Conversations.hold("node-config", http);
  }

  @Test
  void node_anyPath_isThisOneOrUnknown() {
    check(http.get("/_node/_local"), 200, "{\"name\":\"nonode@nohost\"}");
    check(http.get("/_node/nonode@nohost"), 200, "{\"name\":\"nonode@nohost\"}");
    check(http.get("/_node/nonode%40nohost/_config/uuids/max_count"), 200, "\"500\"");
    check(http.get("/_node"), 400, error("bad_request", "Incomplete path to _node request"));
    for (String path : List.of("", "/_config", "/_config/log", "/_config/log/level")) {
      check(http.get("/_node/other" + path), 404, error("not_found", "no such node: other"));
    }
    check(
        http.put("/_node/other/_config/log/level", "\"info\""),
        404,
        error("not_found", "no such node: other"));
    check(
        http.delete("/_node/other/_config/log/level"),
        404,
        error("not_found", "no such node: other"));
    check(
        http.post("/_node/other/_config/_reload", ""),
        404,
        error("not_found", "no such node: other"));
    assertThat(http.get("/_node/_local/_versions").json().at("/java/version").stringValue())
        .isEqualTo(Runtime.version().toString());
    assertThat(http.get("/_node/_local/_stats").status()).isEqualTo(200);
  }

  @Test
  void get_standardSettings_arePresent() {
    var all = http.get(CONFIG).json();

    assertThat(all.at("/couchdb/database_dir").stringValue()).isEqualTo(directory.toString());
    assertThat(all.at("/chttpd/port").stringValue()).isEqualTo("0");
    assertThat(all.at("/chttpd/bind_address").stringValue()).isEqualTo("127.0.0.1");
    assertThat(all.at("/vendor/name").stringValue()).isEqualTo("Divan");
    assertThat(all.at("/couchdb/max_document_id_length").stringValue()).isEqualTo("infinity");
    assertThat(http.get(CONFIG + "/chttpd").json()).isEqualTo(all.get("chttpd"));
    assertThat(http.get(CONFIG + "/httpd").json()).isEqualTo(all.get("chttpd"));
    check(http.get(CONFIG + "/nothing"), 200, "{}");
    check(http.get(CONFIG + "/no/thing"), 404, error("not_found", "unknown_config_value"));
    check(http.get(WHITELIST), 404, error("not_found", "unknown_config_value"));
    assertThat(http.head(CONFIG).status()).isEqualTo(200);
  }

  @Test
  void put_aString_returnsTheOldValueAndIsKept() {
    check(http.put(MAX_COUNT, "\" 7\\n\""), 200, "\"500\"");
    check(http.get(MAX_COUNT), 200, "\"7\"");
    check(http.get(CONFIG + "/uuids/max_count"), 200, "\"7\"");
    check(
        http.get("/_uuids?count=8"), 400, error("bad_request", "count parameter too large"));
    restart();
    check(http.put(MAX_COUNT, "\"8\"", "X-Couch-Persist: false"), 200, "\"7\"");
    assertThat(http.get("/_uuids?count=8").status()).isEqualTo(200);
    check(http.post(CONFIG + "/_reload", ""), 200, "{\"ok\":true}");
    check(http.delete(MAX_COUNT), 200, "\"7\"");
    check(http.get(MAX_COUNT), 200, "\"500\"");
    check(http.delete(MAX_COUNT), 200, "\"500\"");
  }

  @Test
  void put_anythingButAString_isRefused() {
    for (String body : List.of("true", "11", "{}", "{\"testing\": [1, 2, 3]}", "null")) {
      check(http.put(MAX_COUNT, body), 400, error("bad_request", "a JSON string expected"));
    }
    for (String body : List.of("", "x")) {
      check(http.put(MAX_COUNT, body), 400, error("bad_request", "invalid UTF-8 JSON"));
    }
    check(
        http.put(MAX_COUNT, "\"a\\u0000b\""),
        400,
        error("bad_request", "Invalid configuration value"));
    check(
        http.put(CONFIG + "/te%5Dst/a", "\"b\""),
        400,
        error("bad_request", "Invalid configuration section"));
    check(
        http.put(CONFIG + "/test/%5B", "\"b\""),
        400,
        error("bad_request", "Invalid configuration key"));
    check(
        http.put(MAX_COUNT, "\"many\""),
        400,
        error("bad_request", "uuids/max_count must be an integer from 0 to 100000"));
    check(http.get(MAX_COUNT), 200, "\"500\"");
  }

  @Test
  void put_withoutContentType_isAccepted() {
    HttpAnswer answer =
        http.send("PUT", MAX_COUNT, List.of(), Optional.of("\"501\"".getBytes(
            StandardCharsets.UTF_8)));

    check(answer, 200, "\"500\"");
    http.delete(MAX_COUNT);
  }

  @Test
  void put_fixedOrUnknown_isRefusedWithTheReason() {
    check(
        http.put(CONFIG + "/chttpd/port", "\"1\""),
        403,
        error(
            "forbidden",
            "chttpd/port cannot be changed while the service runs: set the property server.port,"
                + " and restart."));
    assertThat(http.delete(CONFIG + "/httpd/port").status()).isEqualTo(403);
    check(
        http.put(CONFIG + "/vendor/name", "\"1\""),
        403,
        error("forbidden", "vendor/name cannot be changed."));
    HttpAnswer unknown = http.put(CONFIG + "/test/foo", "\"bar\"");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.json().get("error").stringValue()).isEqualTo("bad_request");
    assertThat(unknown.json().get("reason").stringValue())
        .startsWith("test/foo ")
        .contains("docs/configuration.md");
    check(
        http.delete(CONFIG + "/test/foo"), 404, error("not_found", "unknown_config_value"));
  }

  @Test
  void blacklistedSections_anyChange_isForbidden() {
    for (String section : List.of(
        "daemons", "external", "httpd_design_handlers", "httpd_db_handlers",
        "httpd_global_handlers", "native_query_servers", "os_daemons", "query_servers",
        "feature_flags")) {
      String refused =
          error("forbidden", "Config section blacklisted for modification over HTTP API.");
      check(http.put(CONFIG + "/" + section + "/wohali", "\"rules\""), 403, refused);
      check(http.delete(CONFIG + "/" + section + "/wohali"), 403, refused);
    }
  }

  @Test
  void otherMethods_areNotAllowed() {
    for (Map.Entry<String, String> path : Map.of(
        "/_node/_local", "GET",
        "/_node/_local/_versions", "GET",
        CONFIG, "GET",
        CONFIG + "/log", "GET",
        CONFIG + "/_reload", "POST",
        CONFIG + "/log/level", "GET,PUT,DELETE")
        .entrySet()) {
      HttpAnswer answer = http.send("PATCH", path.getKey(), List.of(), Optional.empty());
      check(
          answer,
          405,
          error("method_not_allowed", "Only " + path.getValue() + " allowed"));
      assertThat(answer.header("Allow")).hasValue(path.getValue());
    }
    assertThat(http.get(CONFIG + "/_reload").status()).isEqualTo(405);
    assertThat(http.delete(CONFIG + "/log").status()).isEqualTo(405);
    check(http.get(CONFIG + "/a/b/c"), 404, error("not_found", "missing"));
    check(http.delete(CONFIG + "/log/level/x"), 404, error("not_found", "missing"));
  }

  @Test
  void secret_anyRequest_isNotShown() {
    HttpAnswer put = http.put(CONFIG + "/test/secret", "\"new\"", "X-Couch-Persist: false");

    check(put, 200, "\"\"");
    check(http.get(CONFIG + "/test"), 200, "{}");
    check(
        http.get(CONFIG + "/test/secret"),
        403,
        error("forbidden", "The value of test/secret is a secret and is never shown."));
    assertThat(http.get(CONFIG).text()).doesNotContain("hush").doesNotContain("\"secret\"");
    check(http.delete(CONFIG + "/test/secret"), 200, "\"\"");
  }

  @Test
  void change_any_isAuditedWithoutItsValue(CapturedOutput output) {
    http.put(CONFIG + "/uuids/utc_id_suffix", "\"swordfish\"");
    http.put(CONFIG + "/uuids/max_count", "\"swordfish\"");
    http.delete(CONFIG + "/uuids/utc_id_suffix", "X-Couch-Persist: false");
    http.post(CONFIG + "/_reload", "");

    assertThat(output.getAll().lines().filter(line -> line.contains("event=configuration_")))
        .satisfiesExactly(
            line -> assertThat(line).endsWith(
                "event=configuration_changed action=set section=\"uuids\" key=\"utc_id_suffix\""
                    + " persist=true by=- address=\"127.0.0.1\""),
            line -> assertThat(line).contains("action=removed").contains("persist=false"),
            line -> assertThat(line).contains("event=configuration_reloaded by="));
    assertThat(output.getAll()).doesNotContain("swordfish");
  }

  @Test
  void whitelist_set_limitsWhatCanBeChanged() {
    String readOnly = error("modification_not_allowed", "This config variable is read-only");
    for (String pair : List.of(
        "{uuids,max_count}", "{\"uuids\",\"max_count\"}",
        "{<<\"uuids\">>,<<\"max_count\">>}", "{uuids,\"*\"}", "{'uuids', 'max_count'}",
        "these, {are}, {nOt, 2, tuples}, [so], [they, will], {uuids,max_count}")) {
      String list = "[{chttpd,config_whitelist}, " + pair + "]";
      http.put(WHITELIST, "\"" + list.replace("\"", "\\\"") + "\"");
      assertThat(http.get(WHITELIST).json().stringValue()).isEqualTo(list);

      assertThat(http.put(MAX_COUNT, "\"9\"").status()).as(pair).isEqualTo(200);
      assertThat(http.delete(MAX_COUNT).status()).isEqualTo(200);
      check(http.put(CONFIG + "/log/level", "\"info\""), 400, readOnly);
      check(http.delete(CONFIG + "/log/level"), 400, readOnly);
    }
    for (String wrong : List.of(
        "!This is an invalid Erlang term!",
        "{[yes, a_valid_erlang_term, but_unfortunately, not_a_list]}",
        "[{uuids,max_count}")) {
      http.put(WHITELIST, "\"" + wrong + "\"");
      check(http.put(MAX_COUNT, "\"9\""), 400, readOnly);
    }
    assertThat(http.put(CONFIG + "/httpd/config_whitelist", "\"[]\"").status())
        .as("through the section's other name")
        .isEqualTo(200);
    check(http.delete(WHITELIST), 400, readOnly);
  }

  @Test
  void uuid_changed_isReturnedAtOnce() {
    String before = http.get("/").json().get("uuid").stringValue();

    check(http.put(CONFIG + "/couchdb/uuid", "\"mine\""), 200, '"' + before + '"');

    assertThat(http.get("/").json().get("uuid").stringValue()).isEqualTo("mine");
    assertThat(http.put(CONFIG + "/couchdb/uuid", "\"\"").status()).isEqualTo(400);
    check(http.delete(CONFIG + "/couchdb/uuid"), 200, "\"mine\"");
    assertThat(http.get("/").json().get("uuid").stringValue()).isEqualTo(before);
  }

  @Test
  void logLevel_changed_countsAtOnce() {
    var logger = LoggerFactory.getLogger("io.divan.SomeClass");
    assertThat(logger.isDebugEnabled()).isFalse();

    check(
        http.put(CONFIG + "/log/level", "\"debug\"", "X-Couch-Persist: false"),
        200,
        "\"warning\"");

    assertThat(logger.isDebugEnabled()).isTrue();
    check(http.delete(CONFIG + "/log/level"), 200, "\"debug\"");
    assertThat(logger.isInfoEnabled()).isFalse();
    assertThat(logger.isWarnEnabled()).isTrue();
    assertThat(http.put(CONFIG + "/log/level", "\"loud\"").status()).isEqualTo(400);
  }

  @Test
  void limits_changed_countAtOnce() {
    String db = http.newDatabase();
    http.put(db + "/long-enough", "{\"text\":\"0123456789\"}");
    http.put(CONFIG + "/couchdb/max_document_size", "\"20\"");
    http.put(CONFIG + "/couchdb/max_document_id_length", "\"8\"");

    assertThat(http.put(db + "/just", "{\"n\":\"7890123456789\"}").status()).isEqualTo(413);
    assertThat(http.put(db + "/just", "{\"n\":\"789012345678\"}").status()).isEqualTo(201);
    check(
        http.put(db + "/too-large", "{}"),
        400,
        error("illegal_docid", "Document id is too long"));
    check(
        http.put(db + "/large", "{\"text\":\"0123456789\"}"),
        413,
        error("document_too_large", "large"));
    check(
        http.post(db, "{\"_id\":\"123456789\"}"),
        400,
        error("illegal_docid", "Document id is too long"));
    assertThat(http.post(db, "{\"_id\":\"12345678\"}").status()).isEqualTo(201);
    check(
        http.post(db + "/_bulk_docs", "{\"docs\":[{\"_id\":\"b\",\"t\":\"01234567890123\"}]}"),
        413,
        error("document_too_large", "b"));
    check(
        http.send("COPY", db + "/just", List.of("Destination: 123456789"), Optional.empty()),
        400,
        error("illegal_docid", "Document id is too long"));
    assertThat(http.get(db + "/long-enough").status()).isEqualTo(200);
    check(
        http.put(CONFIG + "/couchdb/max_document_size", "\"8000001\""),
        400,
        error(
            "bad_request", "couchdb/max_document_size must be an integer from 0 to 8000000"));
    check(http.delete(CONFIG + "/couchdb/max_document_size"), 200, "\"20\"");
    check(http.delete(CONFIG + "/couchdb/max_document_id_length"), 200, "\"8\"");
  }

  @Test
  void requestLimits_changed_countAtOnce() {
    http.put(CONFIG + "/httpd/max_http_request_size", "\"30\"");
    http.put(CONFIG + "/chttpd/max_db_number_for_dbs_info_req", "\"1\"");
    String db = http.newDatabase();

    check(
        http.put(db + "/a", "{\"text\":\"0123456789012345678901234567890\"}"),
        413,
        error("too_large", "the request entity is too large"));
    check(
        http.post("/_dbs_info", "{\"keys\":[\"a\",\"b\"]}"),
        400,
        error("bad_request", "too_many_keys"));
    check(http.delete(CONFIG + "/chttpd/max_http_request_size"), 200, "\"30\"");
    check(http.delete(CONFIG + "/chttpd/max_db_number_for_dbs_info_req"), 200, "\"1\"");
  }

  @Test
  void uuidAlgorithm_changed_countsAtOnce() {
    for (Map.Entry<String, String> algorithm : Map.of(
        "random", "[0-9a-f]{32}",
        "utc_random", "0[0-9a-f]{31}",
        "utc_id", "0[0-9a-f]{13}@a",
        "uuid_v7", "[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}",
        "sequential", "[0-9a-f]{32}")
        .entrySet()) {
      http.put(CONFIG + "/uuids/utc_id_suffix", "\"@a\"");
      http.put(CONFIG + "/uuids/algorithm", '"' + algorithm.getKey() + '"');

      assertThat(http.get("/_uuids?count=3").json().get("uuids"))
          .as(algorithm.getKey())
          .allMatch(id -> id.stringValue().matches(algorithm.getValue()))
          .doesNotHaveDuplicates()
          .hasSize(3);
    }
    assertThat(http.put(CONFIG + "/uuids/algorithm", "\"SEQUENTIAL\"").status()).isEqualTo(400);
  }
}

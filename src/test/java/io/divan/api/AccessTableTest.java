package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sends every request of the table in docs/security.md on behalf of every kind of caller. */
class AccessTableTest {
  private static final Path TABLE = Path.of("docs", "security.md");
  private static final Path ENDPOINTS = Path.of("docs", "http-api.md");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /** The callers in the order of the columns: name and password, or nothing. */
  private static final List<String> CALLERS =
      List.of("", "member:m", "other:o", "dbadmin:d", "admin:5ecret");

  private static final String FORM =
      "--b\r\nContent-Disposition: form-data; name=\"_doc\"\r\n\r\n{\"_rev\":\"REV\"}\r\n--b--";

  private static final String SECURITY =
      "{\"admins\":{\"names\":[\"dbadmin\"]},\"members\":{\"names\":[\"member\"]}}";

  /** What a request needs beside its path, to be right in every other respect. */
  private static final Map<String, String> BODIES =
      Map.ofEntries(
          Map.entry("POST /_dbs_info", "{\"keys\":[]}"),
          Map.entry("POST /_replicate", "{}"),
          Map.entry("POST /_cluster_setup", "{\"action\":\"finish_cluster\"}"),
          Map.entry("PUT /_node/{node}/_config/{section}/{key}", "\"900\""),
          Map.entry("POST /{db}", "{}"),
          Map.entry("POST /{db}/_find", "{\"selector\":{}}"),
          Map.entry("POST /{db}/_explain", "{\"selector\":{}}"),
          Map.entry("POST /{db}/_index", "{\"index\":{\"fields\":[\"a\"]}}"),
          Map.entry("POST /{db}/_index/_bulk_delete", "{\"docids\":[\"missing\"]}"),
          Map.entry("POST /{db}/_all_docs", "{}"),
          Map.entry("POST /{db}/_design_docs", "{}"),
          Map.entry("POST /{db}/_local_docs", "{}"),
          Map.entry("POST /{db}/_all_docs/queries", "{\"queries\":[]}"),
          Map.entry("POST /{db}/_design_docs/queries", "{\"queries\":[]}"),
          Map.entry("POST /{db}/_local_docs/queries", "{\"queries\":[]}"),
          Map.entry("POST /{db}/_bulk_docs", "{\"docs\":[{}]}"),
          Map.entry("POST /{db}/_bulk_get", "{\"docs\":[]}"),
          Map.entry("POST /{db}/_revs_diff", "{}"),
          Map.entry("POST /{db}/_missing_revs", "{}"),
          Map.entry("POST /{db}/_changes", "{}"),
          Map.entry("PUT /{db}/{docid}", "{\"_rev\":\"REV\"}"),
          Map.entry("PUT /{db}/_local/{name}", "{}"),
          Map.entry("PUT /{db}/_design/{name}", "{\"_rev\":\"REV\"}"),
          Map.entry("POST /{db}/{docid}", FORM),
          Map.entry("POST /{db}/_local/{name}", FORM.replace("REV", "0-1")),
          Map.entry("POST /{db}/_design/{name}", FORM),
          Map.entry("PUT /{db}/{docid}/{attachment}", "content"),
          Map.entry("PUT /{db}/_design/{name}/{attachment}", "content"),
          Map.entry("PUT /{db}/_security", SECURITY),
          Map.entry("PUT /{db}/_revs_limit", "1000"),
          Map.entry("PUT /{db}/_purged_infos_limit", "1000"),
          Map.entry("POST /{db}/_purge", "{}"),
          Map.entry("POST /{db}/_compact", "{}"),
          Map.entry("POST /{db}/_compact/{name}", "{}"),
          Map.entry("POST /{db}/_view_cleanup", "{}"),
          Map.entry("POST /{db}/_ensure_full_commit", "{}"));

  private record Row(String method, String path, List<Integer> statuses) {

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  @TempDir static Path directory;

  private static Service service;
  private static Http admin;

  @BeforeAll
  static void start() {
    service =
        Service.start(
            directory,
            "--divan.admins.admin=5ecret",
            "--divan.authentication.iterations=1",
            "--divan.lockout.mode=off");
    admin = as("admin:5ecret");
    for (String name : List.of("member:m", "other:o", "dbadmin:d")) {
      String[] parts = name.split(":");
      HttpAnswer created =
          admin.put(
              "/_users/org.couchdb.user:" + parts[0],
              "{\"name\":\"" + parts[0] + "\",\"password\":\"" + parts[1]
                  + "\",\"type\":\"user\",\"roles\":[]}");
      assertThat(created.status()).as(created.text()).isEqualTo(201);
    }
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static Http as(String credentials) {
    String user = credentials.isEmpty() ? "" : credentials + "@";
    return new Http("http://" + user + "127.0.0.1:" + service.port());
  }

  private static List<Row> table() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(TABLE)) {
      String[] cells = line.split(" *\\| *", -1);
      if (line.startsWith("| `") && cells.length == CALLERS.size() + 4) {
        List<Integer> statuses =
            Arrays.stream(cells, 3, 3 + CALLERS.size()).map(Integer::valueOf).toList();
        CODE.matcher(cells[1])
            .results()
            .forEach(
                path -> Stream.of(cells[2].split(" "))
                    .forEach(
                        method -> rows.add(new Row(method, path.group(1), statuses))));
      }
    }
    return rows;
  }

  @Test
  void table_everyCell_isWhatTheServiceAnswers() throws IOException {
    SoftAssertions softly = new SoftAssertions();
    for (Row row : table()) {
      for (int i = 0; i < CALLERS.size(); i++) {
        HttpAnswer answer = send(row, CALLERS.get(i));
        softly
            .assertThat(answer.status())
            .as("%s as %s: %s", row, CALLERS.get(i), answer.text())
            .isEqualTo(row.statuses().get(i));
      }
    }
    softly.assertAll();
  }

  /** Sends a request to a new database, which has a document of each kind. */
  private static HttpAnswer send(Row row, String caller) {
    String path = row.path();
    String revision = "";
    boolean creates = row.toString().equals("PUT /{db}");
    if (path.startsWith("/{db}") && !creates) {
      String db = admin.newDatabase();
      for (String id : List.of("doc", "_design/n", "_local/n")) {
        admin.put(db + "/" + id, "{\"_attachments\":{\"file\":{\"data\":\"\"}}}");
      }
      revision =
          admin
              .head(db + (path.contains("_design") ? "/_design/n" : "/doc"))
              .header("ETag")
              .orElseThrow()
              .replace("\"", "");
      assertThat(admin.put(db + "/_security", SECURITY).status()).isEqualTo(200);
      path = path.replace("/{db}", db);
    }
    path =
        path.replace("/{db}", "/new-" + caller.length())
            .replace("{docid}", "doc")
            .replace("{name}", "n")
            .replace("{attachment}", "file")
            .replace("{node}", "_local")
            .replace("{section}", "uuids")
            .replace("{key}", "max_count");
    boolean namesRevision =
        row.method().equals("DELETE") && row.path().matches("/\\{db}/(\\{docid}|_design/\\{name})")
            || row.method().matches("PUT|DELETE") && row.path().endsWith("/{attachment}");
    List<String> headers = new ArrayList<>(as(caller).credentials());
    if (FORM.equals(BODIES.getOrDefault(row.toString(), "").replace("0-1", "REV"))) {
      headers.add("Content-Type: multipart/form-data; boundary=b");
      headers.add("Referer: http://127.0.0.1:" + service.port() + "/page");
    } else {
      headers.add("Content-Type: application/json");
    }
    if (row.method().equals("COPY")) {
      headers.add("Destination: " + (path.contains("_design/") ? "_design/copy" : "copy"));
    }
    return as(caller)
        .send(
            row.method(),
            namesRevision ? path + "?rev=" + revision : path,
            headers,
            body(row, caller, revision));
  }

  private static Optional<byte[]> body(Row row, String caller, String revision) {
    String body = BODIES.get(row.toString());
    if (row.toString().equals("POST /_session")) {
      String[] parts = (caller.isEmpty() ? "nobody:x" : caller).split(":");
      body = "{\"name\":\"" + parts[0] + "\",\"password\":\"" + parts[1] + "\"}";
    }
    return Optional.ofNullable(body)
        .map(text -> text.replace("REV", revision).getBytes(StandardCharsets.UTF_8));
  }

  /** Every endpoint and method that docs/http-api.md lists has a row. */
  @Test
  void table_hasEveryEndpoint() throws IOException {
    Map<String, Set<String>> rows = new TreeMap<>();
    for (Row row : table()) {
      rows.computeIfAbsent(row.path(), path -> new TreeSet<>()).add(row.method());
    }
    Map<String, Set<String>> endpoints = new LinkedHashMap<>();
    boolean within = false;
    for (String line : Files.readAllLines(ENDPOINTS)) {
      within = line.startsWith("| endpoint ") || within && line.startsWith("|");
      String[] cells = line.split(" *\\| *", -1);
      if (within && line.startsWith("| `") && cells[3].startsWith("supported")) {
        CODE.matcher(cells[1])
            .results()
            .forEach(path -> endpoints.put(path.group(1), Set.of(cells[2].split(" "))));
      }
    }
    SoftAssertions softly = new SoftAssertions();
    endpoints.forEach(
        (path, methods) -> softly
            .assertThat(rows.getOrDefault(path, Set.of()))
            .as("methods of %s", path)
            .containsAll(methods));
    softly.assertAll();
  }
}

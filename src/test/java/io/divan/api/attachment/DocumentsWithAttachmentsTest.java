package io.divan.api.attachment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.api.http.DocumentMeters;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.TestAttachments;
import io.divan.document.rows.ContentRows;
import io.divan.storage.Range;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Attachments in requests and responses with many documents. Bodies above 64 KB are spooled. */
class DocumentsWithAttachmentsTest {

  private static final Pattern BOUNDARY = Pattern.compile("boundary=\"?((?:--)?[0-9a-f]{32})");

  @TempDir static Path directory;

  private static Service service;
  private static Http http;

  private String db = "";

  @BeforeAll
  static void start() {
    service =
        Service.start(
            directory, "--divan.storage.backend=memory", "--divan.http.max-buffered-size=64KB");
    http = service.http();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @BeforeEach
  void create() {
    db = http.newDatabase();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String attachment(String name, String type, String text) {
    return "\"" + name + "\":{\"content_type\":\"" + type + "\",\"data\":\"" + base64(text) + "\"}";
  }

  private static String document(String id, String... attachments) {
    return "{\"_id\":\"" + id + "\",\"_attachments\":{" + String.join(",", attachments) + "}}";
  }

  private HttpAnswer bulkDocs(String... documents) {
    return http.post(
        db + "/_bulk_docs", "{\"docs\":[" + String.join(",", documents) + "]}");
  }

  private static String random(long seed, int length) {
    byte[] bytes = new byte[length * 3 / 4];
    new Random(seed).nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String data(JsonNode document, String name) {
    JsonNode data = document.at("/_attachments").get(name).get("data");
    return new String(Base64.getDecoder().decode(data.stringValue()), UTF_8);
  }

  private long rows(Range range) {
    return TestAttachments.rows(
        service.part(Databases.class).open(db.substring(1), Principal.SERVER_ADMIN).store(),
        range);
  }

  /** Waits until no content lacks a reference: they are removed when the response is sent. */
  private void awaitNoDeadlines() {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (rows(ContentRows.allDeadlines()) > 0) {
      assertThat(System.nanoTime()).isLessThan(end);
    }
  }

  private void expectNoContents() {
    assertThat(rows(ContentRows.allContents())).isZero();
    assertThat(rows(ContentRows.allChunks())).isZero();
    assertThat(rows(ContentRows.allDeadlines())).isZero();
  }

  @Test
  void bulkDocs_inMemory_storesContents() {
    HttpAnswer saved =
        bulkDocs(
            document("a", attachment("t", "text/plain", "text"), attachment("b", "a/b", "bytes")),
            document("b", attachment("t", "text/plain", "text")));
    assertThat(saved.status()).isEqualTo(201);
    JsonNode stubs = http.get(db + "/a?att_encoding_info=true").json().at("/_attachments");
    assertThat(stubs.get("t").toString())
        .isEqualTo(
            "{\"content_type\":\"text/plain\",\"revpos\":1,"
                + "\"digest\":\"md5-oATRW0SWTtTcT3dYIPDn8A==\",\"length\":4,\"stub\":true,"
                + "\"encoding\":\"gzip\",\"encoded_length\":24}");
    assertThat(http.get(db + "/b/t").text()).isEqualTo("text");
    assertThat(rows(ContentRows.allContents())).isEqualTo(2); // "text" once
  }

  @Test
  void bulkDocs_spooled_storesContents() {
    String large = random(1, 300_000);
    String[] documents =
        IntStream.range(0, 300)
            .mapToObj(i -> document("d" + i, attachment("x", "a/b", i % 100 == 0
                ? large + i
                : i
                    + " ".repeat(i))))
            .toArray(String[]::new);
    assertThat(bulkDocs(documents).status()).isEqualTo(201);
    assertThat(http.get(db + "/d200/x").text()).isEqualTo(large + "200");
    assertThat(http.get(db + "/d299/x").text()).isEqualTo("299" + " ".repeat(299));
    assertThat(rows(ContentRows.allDeadlines())).isZero();
  }

  @Test
  void bulkDocs_spooledAndInvalidAtItsEnd_storesNothing() {
    String large = attachment("x", "a/b", random(2, 300_000));
    HttpAnswer answer =
        bulkDocs(document("a", large), document("b", "\"y\":{\"data\":\"notBase64=\"}"));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("reason").stringValue())
        .isEqualTo("Invalid attachment data for y");
    expectNoContents();
    assertThat(http.get(db).json().get("doc_count").longValue()).isZero();
  }

  @Test
  void bulkDocs_refusedEdits_leaveNoContents() {
    http.put(db + "/a", "{}");
    String large = attachment("x", "a/b", random(3, 200_000));
    JsonNode rows = bulkDocs(document("a", large)).json();
    assertThat(rows.at("/0/error").stringValue()).isEqualTo("conflict");
    expectNoContents();
    assertThat(bulkDocs(document("n", large), document("m", "\"y\":{\"stub\":true}")).status())
        .isEqualTo(412);
    expectNoContents();
  }

  /** As in CouchDB, where one stub refuses all documents of its shard. */
  @ParameterizedTest
  @CsvSource({"'', ''", "'', ',\"new_edits\":true'", "'\"_rev\":\"1-a\",', ',\"new_edits\":false'"})
  void bulkDocs_missingStubAfterManyBatches_storesNothing(String revision, String newEdits) {
    String stored = revision(http.put(db + "/s", document("s", attachment("y", "a/b", "1"))));
    String large = random(7, 1_000_000);
    StringJoiner documents = new StringJoiner(",", "{\"docs\":[", "");
    for (int i = 0; i < 10; i++) {
      documents.add(
          "{\"_id\":\"d" + i + "\"," + revision + "\"x\":\"" + large + "\"}");
    }
    String child =
        newEdits.endsWith("false")
            ? "\"_revisions\":{\"start\":2,\"ids\":[\"b\",\"" + stored.substring(2) + "\"]}"
            : "\"_rev\":\"" + stored + "\"";
    documents.add(
        "{\"_id\":\"s\"," + child + ",\"_attachments\":{\"y\":{\"stub\":true}}}");
    String end = "]" + newEdits + "}";
    String missing =
        ",{\"_id\":\"m\"," + revision + "\"_attachments\":{\"y\":{\"stub\":true}}}";
    HttpAnswer refused = http.post(db + "/_bulk_docs", documents + missing + end);
    assertThat(refused.status()).isEqualTo(412);
    assertThat(refused.json().get("reason").stringValue())
        .isEqualTo("Invalid attachment stub in m for y");
    assertThat(http.get(db).json().get("doc_count").longValue()).isEqualTo(1);
    assertThat(http.get(db + "/s").json().get("_rev").stringValue()).isEqualTo(stored);
    assertThat(http.post(db + "/_bulk_docs", documents + end).status()).isEqualTo(201);
    assertThat(http.get(db).json().get("doc_count").longValue()).isEqualTo(11);
    assertThat(http.get(db + "/s").json().get("_rev").stringValue()).startsWith("2-");
    assertThat(http.get(db + "/s/y").text()).isEqualTo("1");
  }

  private static String revision(HttpAnswer answer) {
    return answer.json().get("rev").stringValue();
  }

  @Test
  void contents_thatNoStoredRevisionReferences_areRemoved() {
    String large = attachment("x", "a/b", random(6, 200_000));
    assertThat(http.put(db + "/_local/l", document("_local/l", large)).status()).isEqualTo(201);
    awaitNoDeadlines();
    expectNoContents();
    String known =
        "{\"_id\":\"r\",\"_rev\":\"1-a\",\"_attachments\":{" + large + "}}";
    for (int i = 0; i < 2; i++) {
      String body = "{\"new_edits\":false,\"docs\":[" + known + "]}";
      assertThat(http.post(db + "/_bulk_docs", body).status()).isEqualTo(201);
      awaitNoDeadlines();
      assertThat(rows(ContentRows.allContents())).isEqualTo(1);
      assertThat(rows(ContentRows.allChunks())).isEqualTo(3);
    }
  }

  @Test
  void allDocs_attachments_haveData() {
    String large = random(4, 500_000);
    bulkDocs(
        document("a", attachment("l", "text/plain", large), attachment("s", "a/b", "small")),
        "{\"_id\":\"b\"}",
        document("_design/d", attachment("d", "a/b", "design")));
    String options = "include_docs=true&attachments=true";
    for (String path : List.of("/_all_docs?", "/_all_docs?keys=[\"_design/d\",\"a\",\"b\"]&")) {
      JsonNode rows = http.get(db + path + options).json().get("rows");
      assertThat(data(rows.at("/0/doc"), "d")).isEqualTo("design");
      assertThat(data(rows.at("/1/doc"), "l")).isEqualTo(large);
      assertThat(data(rows.at("/1/doc"), "s")).isEqualTo("small");
      assertThat(rows.at("/1/doc/_attachments/l").has("encoding")).isFalse();
      assertThat(rows.at("/2/doc").has("_attachments")).isFalse();
    }
    assertThat(data(http.get(db + "/_design_docs?" + options).json().at("/rows/0/doc"), "d"))
        .isEqualTo("design");
    JsonNode informed =
        http.get(db + "/_all_docs?key=\"a\"&att_encoding_info=true&" + options)
            .json()
            .at("/rows/0/doc/_attachments/l");
    assertThat(informed.get("encoding").stringValue()).isEqualTo("gzip");
    JsonNode stub =
        http.get(db + "/_all_docs?key=\"a\"&include_docs=true&att_encoding_info=true")
            .json()
            .at("/rows/0/doc/_attachments/l");
    assertThat(stub.get("stub").booleanValue()).isTrue();
    assertThat(stub.get("encoding").stringValue()).isEqualTo("gzip");
    assertThat(http.get(db + "/_all_docs?attachments=1&include_docs=true").status())
        .isEqualTo(400);
    assertThat(
        http.post(
            db + "/_all_docs/queries",
            "{\"queries\":[{\"keys\":[\"a\"],\"include_docs\":true,\"attachments\":true}]}")
            .json()
            .at("/results/0/rows/0/doc/_attachments/s/data")
            .stringValue())
        .isEqualTo(base64("small"));
  }

  /** More small contents than one batch of a listing holds. */
  @Test
  void listings_manyContents_areComplete() {
    String[] ids = IntStream.range(100, 200).mapToObj(i -> "d" + i).toArray(String[]::new);
    for (String id : ids) {
      http.put(db + "/" + id, document(id, attachment("x", "a/b", id + random(5, 59_000))));
    }
    StringJoiner keys = new StringJoiner("\",\"", "[\"", "\"]");
    StringJoiner requests = new StringJoiner("\"},{\"id\":\"", "[{\"id\":\"", "\"}]");
    for (String id : ids) {
      keys.add(id);
      requests.add(id);
    }
    String options = "include_docs=true&attachments=true";
    JsonNode all = http.get(db + "/_all_docs?" + options).json().get("rows");
    JsonNode byKey =
        http.post(db + "/_all_docs?" + options, "{\"keys\":" + keys + "}").json().get("rows");
    JsonNode changes = http.get(db + "/_changes?" + options).json().get("results");
    JsonNode bulk =
        http.post(db + "/_bulk_get?attachments=true", "{\"docs\":" + requests + "}")
            .json()
            .get("results");
    for (int i = 0; i < ids.length; i++) {
      String expected = ids[i] + random(5, 59_000);
      for (JsonNode document : List.of(
          all.get(i).get("doc"),
          byKey.get(i).get("doc"),
          changes.get(i).get("doc"),
          bulk.get(i).at("/docs/0/ok"))) {
        assertThat(document.get("_id").stringValue()).isEqualTo(ids[i]);
        assertThat(data(document, "x")).isEqualTo(expected);
      }
    }
    assertThat(all).hasSize(ids.length);
    assertThat(changes).hasSize(ids.length);
  }

  @Test
  void changes_attachments_haveDataInAllFeeds() {
    bulkDocs(document("a", attachment("x", "text/plain", "one")));
    String options = "/_changes?include_docs=true&attachments=true";
    JsonNode normal = http.get(db + options).json().at("/results/0/doc");
    assertThat(data(normal, "x")).isEqualTo("one");
    JsonNode waiting = http.get(db + options + "&feed=longpoll").json().at("/results/0/doc");
    assertThat(data(waiting, "x")).isEqualTo("one");
    String continuous = http.get(db + options + "&feed=continuous&timeout=1").text();
    assertThat(continuous).contains("\"data\":\"b25l\"}}}}\n");
    String events = http.get(db + options + "&feed=eventsource&timeout=1").text();
    assertThat(events).contains("\"data\":\"b25l\"");
    assertThat(http.get(db + "/_changes?attachments=true").text()).doesNotContain("data");
  }

  @Test
  void changes_selector_seesStubs() {
    bulkDocs(
        document("a", attachment("x", "text/plain", "one")),
        document("b", attachment("x", "image/png", "two")));
    String path = db + "/_changes?include_docs=true&attachments=true&filter=_selector";
    String selector = "\"selector\":{\"_attachments.x.content_type\":\"image/png\"}";
    JsonNode results = http.post(path, "{" + selector + "}").json().get("results");
    assertThat(results).hasSize(1);
    assertThat(data(results.at("/0/doc"), "x")).isEqualTo("two");
  }

  /** As in CouchDB, fields are selected from the document with its data. */
  @Test
  void changes_fields_selectData() {
    String large = random(9, 500_000);
    bulkDocs(
        document(
            "a",
            attachment("l.txt", "text/plain", large),
            attachment("s", "image/png", "two")));
    String path = db + "/_changes?include_docs=true&att_encoding_info=true&filter=_selector";
    MeterRegistry meters = service.part(MeterRegistry.class);
    double read = meters.counter(DocumentMeters.ATTACHMENTS_READ).count();
    JsonNode whole = fields(path + "&attachments=true", "_attachments", "_id");
    assertThat(whole.propertyNames()).containsExactly("_attachments", "_id");
    assertThat(data(whole, "l.txt")).isEqualTo(large);
    assertThat(data(whole, "s")).isEqualTo("two");
    double both = large.length() + 3;
    assertThat(meters.counter(DocumentMeters.ATTACHMENTS_READ).count()).isEqualTo(read + both);
    JsonNode one =
        fields(
            path + "&attachments=true",
            "_attachments.s",
            "_attachments.l\\\\.txt.encoding",
            "_attachments.l\\\\.txt.length");
    assertThat(one.toString())
        .isEqualTo(
            "{\"_attachments\":{\"s\":{\"content_type\":\"image/png\",\"revpos\":1,"
                + "\"digest\":\"md5-uKn3Fdu2T9XFbneDxoIKYQ==\",\"data\":\"dHdv\"},"
                + "\"l.txt\":{\"encoding\":\"gzip\"}}}");
    assertThat(meters.counter(DocumentMeters.ATTACHMENTS_READ).count())
        .isEqualTo(read + both + 3);
    JsonNode stub = fields(path, "_attachments.s");
    assertThat(stub.at("/_attachments/s/stub").booleanValue()).isTrue();
  }

  private static JsonNode fields(String path, String... fields) {
    return http.post(
        path, "{\"selector\":{},\"fields\":[\"" + String.join("\",\"", fields) + "\"]}")
        .json()
        .at("/results/0/doc");
  }

  /** Two revisions of a document: the second adds an attachment. Returns their revisions. */
  private List<String> twoRevisions() {
    String first =
        http.put(db + "/a", document("a", attachment("one", "text/plain", "first")))
            .json()
            .get("rev")
            .stringValue();
    String second =
        http.put(
            db + "/a?rev=" + first,
            document("a", "\"one\":{\"stub\":true}", attachment("two", "a/b", "second")))
            .json()
            .get("rev")
            .stringValue();
    return List.of(first, second);
  }

  @Test
  void bulkGet_json() {
    List<String> revisions = twoRevisions();
    String known = "{\"id\":\"a\",\"atts_since\":[\"" + revisions.getFirst() + "\"]}";
    JsonNode results =
        http.post(db + "/_bulk_get", "{\"docs\":[{\"id\":\"a\"}," + known + "]}").json();
    assertThat(results.at("/results/0/docs/0/ok/_attachments/two/stub").booleanValue()).isTrue();
    JsonNode since = results.at("/results/1/docs/0/ok");
    assertThat(since.at("/_attachments/one/stub").booleanValue()).isTrue();
    assertThat(data(since, "two")).isEqualTo("second");
    JsonNode invalid =
        http.post(
            db + "/_bulk_get",
            "{\"docs\":[{\"id\":\"a\",\"atts_since\":\"x\"},"
                + "{\"id\":\"a\",\"atts_since\":[\"x\"]}]}")
            .json()
            .get("results");
    assertThat(invalid.at("/0/docs/0/error/reason").stringValue())
        .isEqualTo("att_since value must be array of revs.");
    assertThat(invalid.at("/1/docs/0/error/reason").stringValue())
        .isEqualTo("Invalid rev format");
  }

  /**
   * The type and the body of a response, with its boundaries as B1, B2 and so on in their order.
   */
  private static String framed(HttpAnswer answer) {
    String text =
        (answer.headers().get("Content-Type") + "\n" + new String(answer.bytes(), ISO_8859_1))
            .replace("\r\n", "\n");
    int number = 1;
    Matcher matcher = BOUNDARY.matcher(text);
    while (matcher.find()) {
      text = text.replace(matcher.group(1), "B" + number++);
      matcher = BOUNDARY.matcher(text);
    }
    return text;
  }

  @Test
  void bulkGet_mixed() {
    String revision = twoRevisions().getLast();
    http.put(db + "/plain", "{}");
    HttpAnswer answer =
        http.post(
            db + "/_bulk_get",
            "{\"docs\":[{\"id\":\"a\",\"rev\":\"" + revision + "\"},{\"id\":\"plain\"},"
                + "{\"id\":\"nope\"}]}",
            "Accept: multipart/mixed");
    String text = framed(answer);
    assertThat(text)
        .startsWith(
            "multipart/mixed; boundary=\"B1\"\n\n--B1\nX-Doc-Id: a\nX-Rev-Id: " + revision
                + "\nContent-Type: multipart/related; boundary=B2\n\n--B2\n"
                + "Content-Type: application/json\n\n{\"_id\":\"a\",");
    assertThat(text)
        .contains(
            "\"length\":5,\"follows\":true,\"encoding\":\"gzip\",\"encoded_length\":25}",
            "\"two\":{\"content_type\":\"a/b\",\"revpos\":2,",
            "\n--B2\nContent-Disposition: attachment; filename=\"two\"\nContent-Type: a/b\n"
                + "Content-Length: 6\n\nsecond\n--B2--\n--B1\n"
                + "Content-Type: application/json\n\n{\"_id\":\"plain\"");
    assertThat(text)
        .endsWith(
            "\n--B1\nContent-Type: application/json; error=\"true\"\n\n{\"id\":\"nope\","
                + "\"rev\":\"undefined\",\"error\":\"not_found\",\"reason\":\"missing\"}"
                + "\n--B1--\n");
  }

  @Test
  void openRevisions_bothForms() {
    List<String> revisions = twoRevisions();
    String path = db + "/a?open_revs=[\"" + revisions.getLast() + "\",\"9-x\"]";
    JsonNode json =
        http.get(
            path + "&atts_since=[\"" + revisions.getFirst() + "\"]", "Accept: application/json")
            .json();
    assertThat(json.at("/0/ok/_attachments/one/stub").booleanValue()).isTrue();
    assertThat(data(json.at("/0/ok"), "two")).isEqualTo("second");
    assertThat(json.at("/1/missing").stringValue()).isEqualTo("9-x");
    String mixed = framed(http.get(path, "Accept: multipart/mixed"));
    assertThat(mixed)
        .startsWith(
            "multipart/mixed; boundary=\"B1\"\n--B1\n"
                + "Content-Type: multipart/related; boundary=\"B2\"\n\n--B2\n"
                + "Content-Type: application/json\n\n{\"_id\":\"a\",");
    assertThat(mixed)
        .endsWith(
            "Content-Length: 6\n\nsecond\n--B2--\n--B1\nContent-Type: application/json;"
                + " error=\"true\"\n\n{\"missing\":\"9-x\"}\n--B1--");
  }

  @Test
  void head_openRevisions_readsNoContents() {
    twoRevisions();
    MeterRegistry meters = service.part(MeterRegistry.class);
    double read = meters.counter(DocumentMeters.ATTACHMENTS_READ).count();
    for (String accept : List.of("application/json", "multipart/mixed")) {
      HttpAnswer head =
          http.head(db + "/a?open_revs=all&attachments=true", "Accept: " + accept);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Type").orElseThrow()).startsWith(accept);
      assertThat(head.header("Content-Length")).isEmpty(); // CouchDB: 0
    }
    assertThat(http.head(db + "/none?open_revs=all").status()).isEqualTo(404);
    assertThat(meters.counter(DocumentMeters.ATTACHMENTS_READ).count()).isEqualTo(read);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "attachments=true", "attachments=true&att_encoding_info=true", "atts_since=[\"FIRST\"]"})
  void document_withContents_hasItsLength(String options) {
    String first = twoRevisions().getFirst();
    String path = db + "/a?" + options.replace("FIRST", first);
    HttpAnswer whole = http.get(path, "Accept: application/json");
    HttpAnswer head = http.head(path, "Accept: application/json");
    assertThat(whole.text()).contains("\"data\"");
    assertThat(head.header("Content-Length"))
        .contains(Integer.toString(whole.bytes().length))
        .isEqualTo(whole.header("Content-Length"));
    bulkDocs(document("l", attachment("l", "text/plain", random(8, 500_000))));
    HttpAnswer large = http.get(db + "/l?attachments=true", "Accept: application/json");
    assertThat(large.header("Content-Length"))
        .contains(Integer.toString(large.bytes().length));
  }

  @Test
  void copy_keepsAttachments() {
    List<String> revisions = twoRevisions();
    for (String source : List.of("/a", "/a?rev=" + revisions.getFirst())) {
      String target = source.equals("/a") ? "whole" : "old";
      HttpAnswer copied =
          http.send(
              "COPY", db + source, List.of("Destination: " + target), Optional.empty());
      assertThat(copied.status()).isEqualTo(201);
    }
    http.delete(db + "/a?rev=" + revisions.getLast());
    JsonNode whole = http.get(db + "/whole").json().get("_attachments");
    assertThat(whole.at("/one/revpos").longValue()).isEqualTo(1);
    assertThat(whole.at("/two/revpos").longValue()).isEqualTo(2); // of the source, as in CouchDB
    assertThat(http.get(db + "/whole/two").text()).isEqualTo("second");
    assertThat(http.get(db + "/old").json().get("_attachments")).hasSize(1);
    assertThat(http.get(db + "/old/one").text()).isEqualTo("first");
    assertThat(rows(ContentRows.allContents())).isEqualTo(2);
  }

  @Test
  void meters_countContents() {
    MeterRegistry meters = service.part(MeterRegistry.class);
    double written = meters.counter(DocumentMeters.ATTACHMENTS_WRITTEN).count();
    double read = meters.counter(DocumentMeters.ATTACHMENTS_READ).count();
    bulkDocs(document("a", attachment("x", "text/plain", "12345")));
    http.get(db + "/_all_docs?include_docs=true");
    http.get(db + "/_all_docs?include_docs=true&attachments=true");
    assertThat(meters.counter(DocumentMeters.ATTACHMENTS_WRITTEN).count()).isEqualTo(written + 5);
    assertThat(meters.counter(DocumentMeters.ATTACHMENTS_READ).count()).isEqualTo(read + 5);
  }

  @Test
  void settings_compression() {
    String types = "/_node/_local/_config/attachments/compressible_types";
    assertThat(http.put(types, "\"text/[\"").status()).isEqualTo(400);
    try {
      http.put(types, "\"image/*\"");
      bulkDocs(
          document("a", attachment("t", "text/plain", "text"), attachment("i", "image/png", "i")));
      JsonNode stubs = http.get(db + "/a?att_encoding_info=true").json().get("_attachments");
      assertThat(stubs.get("t").has("encoding")).isFalse();
      assertThat(stubs.get("i").get("encoding").stringValue()).isEqualTo("gzip");
    } finally {
      http.delete(types);
    }
  }
}

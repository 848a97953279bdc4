package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.SharedService;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The headers of requests and responses, and the transfer of bodies. */
@ExtendWith(SharedService.class)
class HeadersTest {

  @Test
  void conversation_aboutHeaders(Http http) {
    Conversations.hold("headers", http);
  }

  @Test
  void conversation_aboutHead(Http http) {
    Conversations.hold("head", http);
  }

  @Test
  void conversation_aboutCompressedBodies(Http http) {
    Conversations.hold("gzip", http);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/_up", "/_all_dbs", "/none", "/none/a", "/_none"})
  void everyResponse_hasTheHeadersOfCouchDb(String path, Http http) {
    HttpAnswer answer = http.get(path);

    assertThat(answer.header("Server")).contains("Divan"); // without a version
    assertThat(answer.header("X-Content-Type-Options")).contains("nosniff");
    assertThat(answer.header("Cache-Control")).contains("must-revalidate");
    assertThat(answer.header("X-Couch-Request-ID"))
        .hasValueSatisfying(id -> assertThat(id).matches("[0-9a-f]{10}"));
    assertThat(answer.header("Content-Type")).contains("application/json");
    assertThat(answer.header("Date")).isPresent();
    assertThat(answer.text()).endsWith("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mine", "A-b_9", "012345678901234567890123456789abcdef"})
  void requestId_ofTheClient_isReturned(String id, Http http) {
    assertThat(http.get("/_up", "X-Couch-Request-ID: " + id).header("X-Couch-Request-ID"))
        .contains(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a.b", "a,b", "012345678901234567890123456789abcdefg"})
  void requestId_invalid_isReplaced(String id, Http http) {
    assertThat(http.get("/_up", "X-Couch-Request-ID: " + id).header("X-Couch-Request-ID"))
        .hasValueSatisfying(made -> assertThat(made).matches("[0-9a-f]{10}"));
  }

  @Test
  void uuids_areNotCached(Http http) {
    HttpAnswer answer = http.get("/_uuids");

    assertThat(answer.header("Cache-Control")).contains("no-cache");
    assertThat(answer.header("Expires")).contains("Mon, 01 Jan 1990 00:00:00 GMT");
    assertThat(answer.header("Pragma")).contains("no-cache");
    assertThat(answer.header("ETag"))
        .hasValueSatisfying(tag -> assertThat(tag).matches("\"[0-9A-Z]{20,25}\""))
        .isNotEqualTo(http.get("/_uuids").header("ETag"));
  }

  @Test
  void head_ofAnyResource_hasTheHeadersOfGetAndNoBody(Http http) {
    String db = http.newDatabase();
    http.put(db + "/a", "{}");
    for (String path : List.of(db, db + "/a", db + "/none", db + "/_all_docs", db + "/_changes")) {
      HttpAnswer get = http.get(path);
      HttpAnswer head = http.head(path);

      assertThat(head.status()).as(path).isEqualTo(get.status());
      assertThat(head.header("Content-Type")).as(path).isEqualTo(get.header("Content-Type"));
      assertThat(head.header("ETag")).as(path).isEqualTo(get.header("ETag"));
    }
  }

  @Test
  void manyRequests_onOneConnection_getResponsesInOrder(Http http) throws IOException {
    String db = http.newDatabase();
    List<String> json = List.of("Content-Type: application/json");
    try (HttpConnection connection = http.connect()) {
      for (int i = 0; i < 50; i++) {
        byte[] body = ("{\"i\":" + i + "}").getBytes();
        HttpAnswer put = connection.send("PUT", db + "/d" + i, json, body).answer();
        assertThat(put.json().get("id").stringValue()).isEqualTo("d" + i);
        assertThat(connection.send("PUT", db + "/d" + i, json, body).answer().status())
            .isEqualTo(409);
        assertThat(connection.send("GET", db + "/none", List.of()).answer().status())
            .isEqualTo(404);
        assertThat(connection.send("HEAD", db + "/d" + i, List.of()).answerToHead().status())
            .isEqualTo(200);
      }
    }
  }

  @Test
  void requests_pipelined_getResponsesInOrder(Http http)
      throws IOException {
    String db = http.newDatabase();
    http.put(db + "/a", "{\"x\":\"a\"}");
    http.put(db + "/b", "{\"x\":\"b\"}");
    try (HttpConnection connection = http.connect()) {
      connection.send("GET", db + "/a", List.of());
      connection.send("GET", db + "/_all_docs", List.of());
      connection.send("GET", db + "/b", List.of());

      assertThat(connection.answer().text()).contains("\"x\":\"a\"");
      assertThat(connection.answer().text()).contains("total_rows");
      assertThat(connection.answer().text()).contains("\"x\":\"b\"");
    }
  }

  @Test
  void body_notReadByItsRequest_doesNotAffectTheNext(Http http) throws IOException {
    String db = http.newDatabase();
    byte[] body = "{\"x\":\"GET / HTTP/1.1\\r\\n\\r\\n\"}".getBytes();
    try (HttpConnection connection = http.connect()) {
      List<String> json = List.of("Content-Type: application/json");
      assertThat(connection.send("GET", db, json, body).answer().status()).isEqualTo(200);
      assertThat(connection.send("PUT", "/none/a", json, body).answer().status()).isEqualTo(404);
      assertThat(connection.send("DELETE", db + "/a", json, body).answer().status())
          .isEqualTo(404);
      assertThat(connection.send("GET", db, List.of()).answer().status()).isEqualTo(200);
    }
  }

  @Test
  void chunkedBody_inSmallPieces_isOneDocument(Http http) throws IOException {
    String db = http.newDatabase();
    try (HttpConnection connection = http.connect()) {
      connection.send(
          "PUT " + db + "/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (char c : "{\"text\":\"one by one\"}".toCharArray()) {
        connection.send("1\r\n" + c + "\r\n");
      }
      assertThat(connection.send("0\r\n\r\n").answer().status()).isEqualTo(201);
    }
    assertThat(http.get(db + "/a").json().get("text").stringValue()).isEqualTo("one by one");
  }

  @Test
  void body_thatArrivesSlowly_delaysNoOtherRequest(Http http) throws IOException {
    String db = http.newDatabase();
    String body = "{\"docs\":[{\"_id\":\"slow1\"},{\"_id\":\"slow2\"}]}";
    try (HttpConnection slow = http.connect()) {
      slow.send(
          "POST " + db + "/_bulk_docs HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
              + "Content-Length: " + body.length() + "\r\n\r\n" + body.substring(0, 25));

      assertThat(http.put(db + "/fast", "{}").status()).isEqualTo(201);
      assertThat(http.get(db + "/slow1").status()).isEqualTo(404);

      assertThat(slow.send(body.substring(25)).answer().status()).isEqualTo(201);
      assertThat(http.get(db + "/slow1").status()).isEqualTo(200);
    }
  }

  @Test
  void expect100_getsStatus100BeforeTheBodyIsSent(Http http) throws IOException {
    String db = http.newDatabase();
    try (HttpConnection connection = http.connect()) {
      connection.send(
          "PUT " + db + "/a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
              + "Content-Length: 7\r\n\r\n");
      assertThat(connection.interimStatus()).isEqualTo(100);

      assertThat(connection.send("{\"a\":1}").answer().status()).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT /none/a", "POST /none/_bulk_docs", "PUT {db}/%ff"})
  void expect100_ofARefusedRequest_getsNoStatus100(String request, Http http)
      throws IOException {
    String db = http.newDatabase();
    try (HttpConnection connection = http.connect()) {
      connection.send(
          request.replace("{db}", db) + " HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
              + "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n");
      HttpAnswer answer = connection.answer();

      assertThat(answer.status()).isBetween(400, 404);
      assertThat(answer.header("Connection")).contains("close"); // a body may follow
    }
  }

  @Test
  void expectation_unknown_isRefusedAndClosesTheConnection(Http http) throws IOException {
    try (HttpConnection connection = http.connect()) {
      HttpAnswer answer = connection.send("GET", "/", List.of("Expect: miracles")).answer();

      assertThat(answer.status()).isEqualTo(417);
      assertThat(answer.json().get("error").stringValue()).isEqualTo("expectation_failed");
      assertThat(answer.header("Connection")).contains("close");
      assertThat(connection.ends()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"multipart/form-data", "multipart/related", "multipart/mixed; boundary"})
  void multipartWithoutBoundary_whereTheBodyIsIgnored_isAccepted(String type, Http http) {
    String db = http.newDatabase();
    List<String> headers = List.of("Content-Type: " + type);

    assertThat(http.send("GET", db, headers, Optional.empty()).status()).isEqualTo(200);
    assertThat(http.send("POST", db, headers, Optional.of("{}".getBytes())).status())
        .isEqualTo(415);
    assertThat(http.send("DELETE", db + "/a", headers, Optional.empty()).status()).isEqualTo(404);
  }

  @Test
  void http10_getsNoChunks(Http http) throws IOException {
    String db = http.newDatabase();
    http.put(db + "/a", "{}");
    try (HttpConnection connection = http.connect()) {
      connection.send("GET " + db + "/_all_docs HTTP/1.0\r\n\r\n");
      HttpAnswer answer = connection.answer();

      assertThat(answer.header("Transfer-Encoding")).isEmpty();
      assertThat(answer.json().get("total_rows").intValue()).isEqualTo(1);
    }
  }

  @Test
  void contentType_otherThanJson_isRefusedAsInCouchDb(Http http) {
    String db = http.newDatabase();
    for (String path : List.of("", "/_bulk_docs", "/_bulk_get", "/_revs_diff", "/_all_docs")) {
      for (String type : List.of("text/plain", "application/x-www-form-urlencoded", "json")) {
        HttpAnswer answer =
            http.send(
                "POST",
                db + path,
                List.of("Content-Type: " + type),
                Optional.of("{\"docs\":[]}".getBytes()));
        assertThat(answer.status()).as(path + " " + type).isEqualTo(415);
        assertThat(answer.json().get("error").stringValue()).isEqualTo("bad_content_type");
      }
    }
    HttpAnswer form =
        http.send(
            "PUT",
            db + "/a",
            List.of("Content-Type: application/x-www-form-urlencoded"),
            Optional.of("{\"x\":\"a=b&c\"}".getBytes()));
    assertThat(form.status()).isEqualTo(201);
    assertThat(http.get(db + "/a").json().get("x").stringValue()).isEqualTo("a=b&c");
    assertThat(
        http.post(db + "/_bulk_docs", "{\"docs\":[]}", "X-A: b").header("Content-Type"))
        .contains("application/json");
  }

  @Test
  void gzippedBody_ofAnyRequest_isDecompressed(Http http) throws IOException {
    String db = http.newDatabase();
    List<String> headers = List.of("Content-Type: application/json", "Content-Encoding: gzip");
    byte[] large = gzip("{\"text\":\"" + "x".repeat(1_000_000) + "\"}");

    assertThat(http.send("PUT", db + "/large", headers, Optional.of(large)).status())
        .isEqualTo(201);
    assertThat(http.send("POST", db, headers, Optional.of(gzip("{\"_id\":\"b\"}"))).status())
        .isEqualTo(201);
    HttpAnswer batch =
        http.send(
            "POST", db + "/_bulk_docs", headers, Optional.of(gzip("{\"docs\":[{\"_id\":\"c\"}]}")));
    HttpAnswer keys =
        http.send("POST", db + "/_all_docs", headers, Optional.of(gzip("{\"keys\":[\"c\"]}")));

    assertThat(http.get(db + "/large").json().get("text").stringValue()).hasSize(1_000_000);
    assertThat(batch.status()).isEqualTo(201);
    assertThat(keys.json().at("/rows/0/id").stringValue()).isEqualTo("c");
  }

  @Test
  void gzippedBody_invalidOrTooLarge_isRefused(Http http) throws IOException {
    String db = http.newDatabase();
    List<String> headers = List.of("Content-Type: application/json", "Content-Encoding: gzip");
    byte[] whole = gzip("{\"docs\":[{\"_id\":\"b\"}]}");
    byte[] cut = Arrays.copyOf(whole, whole.length - 9);
    byte[] bomb = gzip("{\"docs\":[{\"text\":\"" + "x".repeat(30_000_000) + "\"}]}");
    for (byte[] wrong : List.of("{}".getBytes(), cut, new byte[0])) {
      for (String resource : List.of("PUT /a", "POST /_bulk_docs", "POST /_revs_diff")) {
        String[] parts = resource.split(" ");
        HttpAnswer answer = http.send(parts[0], db + parts[1], headers, Optional.of(wrong));
        assertThat(answer.status()).as(resource).isEqualTo(400);
        assertThat(answer.json().get("reason").stringValue())
            .isEqualTo("Request body is not properly gzipped.");
      }
    }
    assertThat(http.send("PUT", db + "/a", headers, Optional.of(bomb)).status()).isEqualTo(413);
    assertThat(http.send("POST", db + "/_bulk_get", headers, Optional.of(bomb)).status())
        .isEqualTo(413);
    HttpAnswer other =
        http.send("PUT", db + "/a", List.of("Content-Encoding: br"), Optional.of(whole));
    assertThat(other.status()).isEqualTo(415);
    assertThat(other.json().get("reason").stringValue())
        .isEqualTo("br is not a supported content encoding.");
    assertThat(http.get(db).json().get("doc_count").intValue()).isZero();
  }

  @Test
  void gzippedBody_inMalformedChunks_isRefusedAndChangesNothing(Http http) throws IOException {
    String db = http.newDatabase();
    byte[] body = gzip("{\"x\":1}");
    for (String rest : List.of("-1\r\nzz\r\n\r\n", "zz\r\n", "5\r\nab", "")) {
      try (HttpConnection connection = http.connect()) {
        connection.send(
            "PUT " + db + "/a HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
                + Integer.toHexString(body.length) + "\r\n");
        connection.send(body).send("\r\n" + rest).endSending();

        assertThat(connection.answer().status()).as(rest).isEqualTo(400);
      }
      assertThat(http.get(db + "/a").status()).as(rest).isEqualTo(404);
    }
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @Test
  void etag_ofADocument_isNotModified(Http http) {
    String db = http.newDatabase();
    String etag = http.put(db + "/a", "{}").header("ETag").orElseThrow();

    for (String match : List.of(etag, "W/" + etag, "\"x\", " + etag)) {
      HttpAnswer answer = http.get(db + "/a", "If-None-Match: " + match);
      assertThat(answer.status()).as(match).isEqualTo(304);
      assertThat(answer.header("ETag")).contains(etag);
      assertThat(answer.bytes()).isEmpty();
    }
    http.put(db + "/a", "{}", "If-Match: " + etag);
    assertThat(http.get(db + "/a", "If-None-Match: " + etag).status()).isEqualTo(200);
  }

  @Test
  void proxy_notTrusted_hasNoEffectOnLocation(Http http) {
    String db = http.newDatabase();

    HttpAnswer answer =
        http.put(
            db + "/a", "{}", "X-Forwarded-Host: db.example:8443", "X-Forwarded-Proto: https");

    assertThat(answer.header("Location")).contains(http.url() + db + "/a");
  }

  @Test
  void malformedRequest_answeredByTheContainer_isNotSniffed(Http http) throws IOException {
    try (HttpConnection connection = http.connect()) {
      HttpAnswer answer = connection.send("GET", "/%zz", List.of()).answer();

      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.header("X-Content-Type-Options")).contains("nosniff");
      assertThat(answer.header("Server")).isEmpty();
    }
  }
}

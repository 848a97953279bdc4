package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.SharedService;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Invalid input is refused with a reason, and changes nothing. */
@ExtendWith(SharedService.class)
class BadInputTest {
  private static final List<String> JSON = List.of("Content-Type: application/json");

  private Http http;
  private String db;
  private String before;

  @BeforeEach
  void createDatabase(Http shared) {
    http = shared;
    db = http.newDatabase();
    http.put(db + "/there", "{\"x\":1}");
    before = state();
  }

  @AfterEach
  void expectNothingChanged() {
    assertThat(state()).isEqualTo(before);
  }

  private String state() {
    var info = http.get(db).json();
    return info.get("update_seq") + " " + info.get("doc_count") + " "
        + http.get(db + "/_all_docs?include_docs=true").text();
  }

  private static final List<String> RESOURCES =
      List.of(
          "PUT /new", "POST ", "POST /_bulk_docs", "POST /_bulk_get", "POST /_revs_diff",
          "POST /_all_docs", "POST /_changes");

  static Stream<byte[]> malformed() {
    Stream<String> texts =
        Stream.of(
            "{",
            "{\"docs\":[{}",
            "{\"docs\":[{\"_id\":\"a\"}]",
            "{\"docs\":[{\"_id\":\"a\"}]} x",
            "{\"docs\":[{\"_id\":\"a\"}]}{}",
            "{'docs':[]}",
            "{docs:[]}",
            "{\"docs\":[{\"_id\":\"a\"},]}",
            "{\"docs\":[{\"_id\":\"a\",}]}",
            "{\"docs\":[{\"_id\":\"a\"}],}",
            "{\"docs\":[{\"x\":01}]}",
            "{\"docs\":[{\"x\":+1}]}",
            "{\"docs\":[{\"x\":.5}]}",
            "{\"docs\":[{\"x\":NaN}]}",
            "{\"docs\":[{\"x\":Infinity}]}",
            "{\"docs\":[{\"x\":\"\\x\"}]}",
            "{\"docs\":[{\"x\":\"\t\"}]}",
            "{\"docs\":[{\"x\":tru}]}",
            "{\"docs\":[]} // comment",
            "/* comment */ {\"docs\":[]}");
    Stream<byte[]> bytes =
        Stream.of(
            with(0xFF), // never in UTF-8
            with(0xC0, 0x80), // an overlong form of NUL
            with(0xED, 0xA0, 0x80), // a surrogate
            with(0xF4, 0x90, 0x80, 0x80), // beyond Unicode
            with(0xE2, 0x82)); // truncated
    return Stream.concat(texts.map(text -> text.getBytes(StandardCharsets.UTF_8)), bytes);
  }

  private static byte[] with(int... special) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("{\"docs\":[{\"x\":\"".getBytes(StandardCharsets.UTF_8));
    for (int b : special) {
      bytes.write(b);
    }
    bytes.writeBytes("\"}]}".getBytes(StandardCharsets.UTF_8));
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformedJson_anywhere_isBadRequest(byte[] body) {
    for (String resource : RESOURCES) {
      String[] parts = resource.split(" ", 2);
      HttpAnswer answer = http.send(parts[0], db + parts[1], JSON, Optional.of(body));

      assertThat(answer.status() + " " + answer.json().get("error").stringValue())
          .as(resource + " " + new String(body, StandardCharsets.UTF_8))
          .isEqualTo("400 bad_request");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "\"docs\"", "null", "true", "1e999999999"})
  void jsonOtherThanAnObject_anywhere_isBadRequest(String body) {
    for (String resource : RESOURCES) {
      String[] parts = resource.split(" ", 2);
      HttpAnswer answer =
          http.send(
              parts[0], db + parts[1], JSON, Optional.of(body.getBytes(StandardCharsets.UTF_8)));

      assertThat(answer.status()).as(resource + " " + body).isEqualTo(400);
    }
  }

  @Test
  void nesting_deeperThanTheLimit_isBadRequest() {
    String deep = "[".repeat(600) + "]".repeat(600);

    assertThat(http.put(db + "/new", "{\"x\":" + deep + "}").status()).isEqualTo(400);
    assertThat(http.post(db + "/_bulk_docs", "{\"docs\":[{},{\"x\":" + deep + "}]}").status())
        .isEqualTo(400);
    assertThat(http.post(db + "/_bulk_docs", "{\"docs\":[],\"x\":" + deep + "}").status())
        .isEqualTo(400);
    assertThat(http.post(db + "/_all_docs", "{\"keys\":[" + deep + "]}").status()).isEqualTo(400);
    assertThat(http.get(db + "/_all_docs?keys=" + deep).status()).isEqualTo(400);
  }

  @Test
  void nesting_hundredThousandDeep_andNumbersOfAMillionDigits_areBadRequest() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    for (String value : List.of(deep, "[".repeat(100_000), "1".repeat(1_000_000))) {
      assertThat(http.put(db + "/new", "{\"x\":" + value + "}").status()).isEqualTo(400);
      for (String resource : RESOURCES.subList(1, RESOURCES.size())) {
        assertThat(http.post(db + resource.substring(5), value).status())
            .as(resource)
            .isEqualTo(400);
      }
    }
  }

  @Test
  void unpairedSurrogate_inANameOrAValue_isBadRequest() {
    for (String resource : List.of("", "/_bulk_docs", "/_bulk_get", "/_all_docs", "/_changes")) {
      String body =
          "{\"docs\":[{\"id\":\"\\ud800\",\"_id\":\"\\ud800\"}],\"keys\":[\"\\udc00\"]}";
      assertThat(http.post(db + resource, body).status()).as(resource).isEqualTo(400);
    }
    for (String body : List.of("{\"\\ud800\":[\"1-a\"]}", "{\"a\":[\"1-\\udc00\"]}")) {
      assertThat(http.post(db + "/_revs_diff", body).status()).as(body).isEqualTo(400);
    }
    assertThat(http.put(db + "/new", "{\"\\udc00\":1}").status()).isEqualTo(400);
    for (String member : List.of("\"x\":[{\"y\":\"\\ud800\"}]", "\"\\udc00\":1",
        "\"x\":{\"\\ud800\":1}")) {
      for (String resource : List.of("/_bulk_docs", "/_bulk_get", "/_all_docs")) {
        String body = "{\"docs\":[{}],\"keys\":[]," + member + "}";
        assertThat(http.post(db + resource, body).status())
            .as(resource + " " + member)
            .isEqualTo(400);
      }
    }
    assertThat(http.get(db + "/_all_docs?key=%22%5Cud800%22").status()).isEqualTo(400);
  }

  @Test
  void invalidId_inARead_isNotFound() {
    String nul = "\\u0000";
    for (String id : List.of("i".repeat(10_240), "i".repeat(2_046) + nul, nul.repeat(9_000))) {
      assertThat(http.post(db + "/_revs_diff", "{\"" + id + "\":[\"1-a\"]}").json().size())
          .isOne();
      String keys = "{\"keys\":[\"there\",\"" + id + "\"]}";
      JsonNode rows = http.post(db + "/_all_docs", keys).json().get("rows");
      assertThat(rows.get(0).get("id").stringValue()).isEqualTo("there");
      assertThat(rows.get(1).get("error").stringValue()).isEqualTo("not_found");
      String range = "{\"startkey\":\"" + id + "\",\"endkey\":\"s" + id + "\"}";
      assertThat(http.post(db + "/_all_docs", range).json().get("rows").size())
          .isZero();
      String wider = range.replace("\"s" + id, "\"u" + id);
      assertThat(http.post(db + "/_all_docs", wider).json().get("rows").size()).isOne();
    }
  }

  @Test
  void number_longerThanTheLimit_isBadRequest() {
    String number = "1".repeat(10_001);

    assertThat(http.put(db + "/new", "{\"x\":" + number + "}").status()).isEqualTo(400);
    assertThat(http.put(db + "/new", "{\"x\":1." + number + "}").status()).isEqualTo(400);
    assertThat(http.post(db + "/_bulk_docs", "{\"docs\":[{},{\"x\":" + number + "}]}").status())
        .isEqualTo(400);
  }

  @Test
  void memberName_longerThanTheLimit_isBadRequest() {
    String name = "n".repeat(50_001);

    assertThat(http.put(db + "/new", "{\"" + name + "\":1}").status()).isEqualTo(400);
  }

  @Test
  void document_largerThanTheLimit_isRefusedBeforeItsEnd() throws IOException {
    byte[] body =
        ("{\"x\":\"" + "x".repeat(20_000_000) + "\"}").getBytes(StandardCharsets.UTF_8);
    try (HttpConnection connection = http.connect()) {
      HttpAnswer refused = connection.send("PUT", db + "/new", JSON, body).answer();

      assertThat(refused.status()).isEqualTo(413);
      assertThat(refused.json().get("error").stringValue()).isEqualTo("document_too_large");
      assertThat(refused.header("Connection")).contains("close");
    }
    HttpAnswer batch =
        http.post(
            db + "/_bulk_docs",
            "{\"docs\":[{\"_id\":\"small\"},{\"x\":\"" + "x".repeat(8_000_000) + "\"}]}");
    assertThat(batch.status()).isEqualTo(413);
  }

  @Test
  void keys_largerThanTheBuffer_areTooLarge() {
    String keys = "[\"" + "x".repeat(17_000_000) + "\"]";

    for (String resource : List.of("/_all_docs", "/_changes")) {
      HttpAnswer answer = http.post(db + resource, "{\"keys\":" + keys + "}");
      assertThat(answer.status()).as(resource).isEqualTo(413);
      assertThat(answer.json().get("error").stringValue()).isEqualTo("too_large");
    }
    assertThat(http.post(db + "/_revs_diff", "{\"a\":" + keys + "}").status()).isEqualTo(413);
    assertThat(http.post(db + "/_bulk_get", "{\"docs\":" + keys + "}").status()).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "PUT /new|{\"x\":1",
    "PUT /there|{\"x\":2}",
    "POST |{\"_id\":\"new\"}",
    "POST /_bulk_docs|{\"docs\":[{\"_id\":\"a\"},{\"_id\":\"b\"}]}",
    "POST /_bulk_docs|{\"docs\":[{\"_id\":\"a\"},"
  })
  void body_truncated_changesNothing(String request) throws IOException {
    String[] parts = request.split("[ |]", 3);
    String body = parts[2];
    try (HttpConnection connection = http.connect()) {
      connection.send(head(parts[0], parts[1], "Content-Length: " + (body.length() + 100)));

      expectRefused(connection.send(body).endSending());
    }
    try (HttpConnection connection = http.connect()) {
      connection.send(head(parts[0], parts[1], "Transfer-Encoding: chunked"));
      connection.send(Integer.toHexString(body.length()) + "\r\n" + body + "\r\n");

      expectRefused(connection.endSending());
    }
    try (HttpConnection connection = http.connect()) {
      connection.send(head(parts[0], parts[1], "Transfer-Encoding: chunked"));

      expectRefused(connection.send("ffff\r\n" + body).endSending());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT /new|{\"x\":1}", "POST /_bulk_docs|{\"docs\":[{}]}", "PUT /new|{"})
  void body_inMalformedChunks_isBadRequest(String request) throws IOException {
    String[] parts = request.split("[ |]", 3);
    for (String next : List.of("-1\r\n", "zz\r\n", "7fffffffff\r\n", "\r\n", "2\r\n  x")) {
      try (HttpConnection connection = http.connect()) {
        connection.send(head(parts[0], parts[1], "Transfer-Encoding: chunked"));
        connection.send(Integer.toHexString(parts[2].length()) + "\r\n" + parts[2] + "\r\n" + next);

        HttpAnswer answer = connection.endSending().answer();
        assertThat(answer.status()).as(next).isEqualTo(400);
        assertThat(answer.json().get("error").stringValue()).isEqualTo("bad_request");
      }
    }
  }

  private String head(String method, String path, String length) {
    return method + " " + db + path + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
        + length + "\r\n\r\n";
  }

  /** Expects 400 or a closed connection, because the start of the next request is unknown. */
  private static void expectRefused(HttpConnection connection) throws IOException {
    HttpAnswer answer;
    try {
      answer = connection.answer();
    } catch (java.io.EOFException | java.net.SocketException e) {
      return;
    }
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().has("reason")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "GET / HTTP/9.9\r\nHost: h\r\n\r\n",
    "GET /\u0001 HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n bad\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gibberish\r\n\r\n",
    "G\u0000T / HTTP/1.1\r\nHost: h\r\n\r\n"
  })
  void http_malformed_isRefusedInJsonOrClosed(String request) throws IOException {
    try (HttpConnection connection = http.connect().send(request).endSending()) {
      HttpAnswer answer;
      try {
        answer = connection.answer();
      } catch (java.io.EOFException | java.net.SocketException e) {
        return;
      }
      assertThat(answer.status()).as(request).isBetween(400, 505);
      assertThat(answer.header("Content-Type")).contains("application/json");
      assertThat(answer.json().has("error")).isTrue();
    }
  }

  @Test
  void headers_largerThanTheLimit_areRefusedInJson() throws IOException {
    try (HttpConnection connection = http.connect()) {
      HttpAnswer answer =
          connection.send("GET", db, List.of("X-Long: " + "x".repeat(70_000))).answer();

      assertThat(answer.status()).isBetween(400, 431);
      assertThat(answer.json().has("error")).isTrue();
    }
  }

  @Test
  void id_longerThanTheLimit_isIllegal() {
    String id = "x".repeat(2_047);

    HttpAnswer put = http.put(db + "/" + id, "{}");
    HttpAnswer batch = http.post(db + "/_bulk_docs", "{\"docs\":[{\"_id\":\"" + id + "\"}]}");

    assertThat(put.status()).isEqualTo(400);
    assertThat(put.json().get("reason").stringValue()).isEqualTo("Document id is too long");
    assertThat(batch.text()).contains("Document id is too long");
    assertThat(http.get(db + "/" + id).status()).isBetween(400, 404);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "limit=x", "limit=-1", "skip=x", "skip=-1", "descending=1", "include_docs=yes",
    "startkey=a", "endkey={", "key=[", "keys=1", "keys=[", "inclusive_end=", "conflicts=x",
    "update_seq=x", "reduce=true", "group=true", "group_level=1", "stale=x", "%zz=1",
    "limit=%FF"
  })
  void listing_badOption_isBadRequest(String query) {
    assertThat(http.get(db + "/_all_docs?" + query).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "since=x", "since=-1", "since=99", "since=\"0", "since=zzzzzzzzzzzzzzzzzzzzzzzz",
    "limit=x", "feed=x", "style=x", "heartbeat=0", "heartbeat=-1", "heartbeat=x",
    "heartbeat=99999999999", "timeout=x", "timeout=-1", "timeout=99999999999"
  })
  void changes_badOption_isBadRequest(String query) {
    HttpAnswer answer = http.get(db + "/_changes?" + query);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
  }
}

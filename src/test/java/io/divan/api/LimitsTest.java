package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.Service;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that exceed the limits, or are kept in a temporary file. */
class LimitsTest {
  private static final List<String> JSON = List.of("Content-Type: application/json");

  @TempDir static Path directory;

  private static Service service;
  private static Http http;

  @BeforeAll
  static void start() {
    service =
        Service.start(
            directory, "--divan.http.max-request-size=1MB", "--divan.http.max-buffered-size=10KB");
    http = service.http();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void request_largerThanTheLimit_isTooLarge() throws IOException {
    String db = http.newDatabase();
    byte[] body = batch(3_000).getBytes(StandardCharsets.UTF_8);
    assertThat(body.length).isGreaterThan(1 << 20);
    try (HttpConnection connection = http.connect()) {
      HttpAnswer announced = connection.send("POST", db + "/_bulk_docs", JSON, body).answer();

      assertThat(announced.status()).isEqualTo(413);
      assertThat(announced.json().get("error").stringValue()).isEqualTo("too_large");
    }
    try (HttpConnection connection = http.connect()) {
      connection.send(
          "POST",
          db + "/_bulk_docs",
          List.of("Content-Type: application/json", "Transfer-Encoding: chunked"));
      connection.send(Integer.toHexString(body.length) + "\r\n").send(body).send("\r\n0\r\n\r\n");

      assertThat(connection.answer().status()).isEqualTo(413);
    }
    assertThat(http.get(db).json().get("doc_count").intValue()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"100, 201", "101, 413"})
  void attachment_largerThanTheLimit_isTooLarge(int length, int status) {
    String db = http.newDatabase();
    String setting = "/_node/_local/_config/couchdb/max_attachment_size";
    assertThat(http.put(setting, "\"100\"").status()).isEqualTo(200);
    String content = "x".repeat(length);
    String referer = "Referer: " + http.url() + "/";

    try {
      HttpAnswer related =
          multipart(
              "PUT",
              db + "/related",
              "multipart/related",
              "Content-Type: application/json\r\n\r\n{\"_attachments\":{\"a\":{\"follows\":true,"
                  + "\"length\":" + length + "}}}\r\n--b\r\n\r\n" + content);
      HttpAnswer form =
          multipart(
              "POST",
              db + "/form",
              "multipart/form-data",
              "Content-Disposition: form-data; name=\"_doc\"\r\n\r\n{}\r\n--b\r\n"
                  + "Content-Disposition: form-data; name=\"_attachments\"; filename=\"a\"\r\n"
                  + "Content-Type: image/png\r\n\r\n" + content,
              referer);
      HttpAnswer single = http.put(db + "/single/a", content);

      for (HttpAnswer answer : List.of(related, form, single)) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        if (status == 413) {
          assertThat(answer.json().get("error").stringValue()).isEqualTo("attachment_too_large");
          assertThat(answer.json().get("reason").stringValue()).isEqualTo("a");
        }
      }
    } finally {
      http.delete(setting);
    }
    assertThat(new StoredContents(service, db).rows() == 0).isEqualTo(status == 413);
  }

  private static HttpAnswer multipart(
      String method, String target, String type, String parts, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.add("Content-Type: " + type + "; boundary=b");
    byte[] body = ("--b\r\n" + parts + "\r\n--b--").getBytes(StandardCharsets.UTF_8);
    return http.send(method, target, all, Optional.of(body));
  }

  @Test
  void multipart_largerThanTheLimit_isTooLarge() throws IOException {
    String db = http.newDatabase();
    int length = 2 << 20;
    byte[] body =
        ("--b\r\nContent-Type: application/json\r\n\r\n{\"_attachments\":{\"a\":{\"follows\":true,"
            + "\"length\":" + length + "}}}\r\n--b\r\n\r\n" + "x".repeat(length) + "\r\n--b--")
            .getBytes(StandardCharsets.UTF_8);
    List<String> headers =
        List.of("Content-Type: multipart/related; boundary=b", "Transfer-Encoding: chunked");
    try (HttpConnection connection = http.connect()) {
      connection.send("PUT", db + "/a", headers);
      connection.send(Integer.toHexString(body.length) + "\r\n").send(body).send("\r\n0\r\n\r\n");

      assertThat(connection.answer().whole().status()).isEqualTo(413);
    }
    assertThat(new StoredContents(service, db).rows()).isZero();
  }

  @Test
  void batch_largerThanTheBuffer_isAppliedFromAFile() throws IOException {
    String db = http.newDatabase();
    Set<Path> before = temporaryFiles();

    HttpAnswer answer = http.post(db + "/_bulk_docs", batch(1_000));

    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.json().size()).isEqualTo(1_000);
    assertThat(answer.json().get(999).get("id").stringValue()).isEqualTo("d999");
    assertThat(http.get(db).json().get("doc_count").intValue()).isEqualTo(1_000);
    awaitNoOtherFilesThan(before);
  }

  @Test
  void batchFromAFile_newEditsAfterTheDocuments_hasEffect() {
    String db = http.newDatabase();
    String batch = batch(1_000).replace("{\"_id\"", "{\"_rev\":\"1-a\",\"_id\"");
    String body = batch.substring(0, batch.length() - 1) + ",\"new_edits\":false}";

    HttpAnswer answer = http.post(db + "/_bulk_docs", body);

    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.json().size()).isZero();
    assertThat(http.get(db + "/d7").json().get("_rev").stringValue()).isEqualTo("1-a");
  }

  @Test
  void batchFromAFile_malformedAtItsEnd_changesNothing() throws IOException {
    String db = http.newDatabase();
    Set<Path> before = temporaryFiles();
    String batch = batch(1_000);

    HttpAnswer malformed = http.post(db + "/_bulk_docs", batch + "x");
    HttpAnswer wrong =
        http.post(
            db + "/_bulk_docs", batch.substring(0, batch.length() - 1) + ",\"new_edits\":1}");

    assertThat(malformed.status()).isEqualTo(400);
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(http.get(db).json().get("doc_count").intValue()).isZero();
    awaitNoOtherFilesThan(before);
  }

  @Test
  void keys_largerThanTheBuffer_areTooLarge() {
    String db = http.newDatabase();

    HttpAnswer answer = http.post(db + "/_all_docs", "{\"keys\":[\"" + "x".repeat(10_240) + "\"]}");

    assertThat(answer.status()).isEqualTo(413);
  }

  private static String batch(int documents) {
    StringBuilder docs = new StringBuilder("{\"docs\":[");
    for (int i = 0; i < documents; i++) {
      docs.append(i == 0 ? "" : ",").append("{\"_id\":\"d").append(i);
      docs.append("\",\"text\":\"").append("x".repeat(400)).append("\"}");
    }
    return docs.append("]}").toString();
  }

  /** Waits, because another service on this machine may have files there for a while. */
  private static void awaitNoOtherFilesThan(Set<Path> before) {
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(temporaryFiles()).isSubsetOf(before));
  }

  private static Set<Path> temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(file -> file.getFileName().toString().matches("divan-.*\\.body"))
          .collect(Collectors.toSet());
    }
  }

  /** Sends only the head of a request with a body. The response must not wait for the body. */
  private static HttpAnswer answerWithoutBody(String head) throws IOException {
    try (HttpConnection connection = http.connect()) {
      return connection.send(head.replace("\n", "\r\n") + "\r\n\r\n").answer().whole();
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "PUT /db/a HTTP/1.1;Host: h;Content-Length: 99999999999 | 413",
    "POST /db/_bulk_docs HTTP/1.1;Host: h;Content-Type: application/json;Content-Length: 2000000"
        + " | 413",
    "PUT /none/a HTTP/1.1;Host: h;Content-Length: 1000 | 404",
    "PUT /db/%ff HTTP/1.1;Host: h;Content-Length: 1000 | 400",
    "PUT /db/a HTTP/1.1;Host: h;Content-Length: 1000;Authorization: Basic bm86b25l | 401",
    "POST /db HTTP/1.1;Host: h;Content-Type: text/plain;Transfer-Encoding: chunked | 415",
    "PATCH /db HTTP/1.1;Host: h;Content-Length: 1000 | 405"
  })
  void refusedRequest_body_isNotAwaited(String head, int status) throws IOException {
    http.put("/db", "");

    HttpAnswer answer = answerWithoutBody(head.replace(';', '\n'));

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().has("reason")).isTrue();
  }

  @Test
  void requestLineAndHeaders_beyondTheirLimits_areRefused() throws IOException {
    String tooLong = "x".repeat(33 * 1024);

    assertThat(answerWithoutBody("GET /" + tooLong + " HTTP/1.1\nHost: h").status())
        .isEqualTo(400);
    assertThat(answerWithoutBody("GET / HTTP/1.1\nHost: h\nCookie: " + tooLong).status())
        .isEqualTo(400);
    assertThat(
        answerWithoutBody("GET / HTTP/1.1\nHost: h" + "\nX-Many: 1".repeat(101)).status())
        .isEqualTo(400);
    assertThat(
        answerWithoutBody("GET /?" + "x".repeat(30_000) + " HTTP/1.1\nHost: h").status())
        .isEqualTo(200);
  }
}

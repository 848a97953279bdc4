package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.Service;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.maintenance.DatabaseCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that stall or disconnect release the resources they hold. */
class StalledClientsTest {
  private static final Duration WAIT = Duration.ofSeconds(30);

  @TempDir static Path directory;

  private static Service service;
  private static Http http;

  @BeforeAll
  static void start() {
    service =
        Service.start(
            directory, "--server.tomcat.connection-timeout=400ms", "--divan.http.max-feeds=1");
    http = service.http();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "GE", "GET /a", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX"
  })
  void head_thatStalls_closesTheConnection(String begun) throws IOException {
    try (HttpConnection connection = http.connect().send(begun)) {
      assertThat(connection.ends()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 100", "Transfer-Encoding: chunked"})
  void body_thatStalls_timesOutAndChangesNothing(String framing) throws IOException {
    String db = http.newDatabase();
    boolean chunked = framing.endsWith("chunked");
    for (String request : List.of("PUT /a|{\"x\":1}", "POST /_bulk_docs|{\"docs\":[{}]}")) {
      String[] parts = request.split("[ |]", 3);
      try (HttpConnection connection = http.connect()) {
        connection.send(
            parts[0] + " " + db + parts[1] + " HTTP/1.1\r\nHost: h\r\n"
                + "Content-Type: application/json\r\n" + framing + "\r\n\r\n");
        connection.send(chunked ? Integer.toHexString(parts[2].length()) + "\r\n" : "");
        connection.send(parts[2]).send(chunked ? "\r\n" : "");

        HttpAnswer answer = connection.answer();
        assertThat(answer.status()).as(request).isEqualTo(408);
        assertThat(answer.json().get("error").stringValue()).isEqualTo("timeout");
        assertThat(connection.ends()).isTrue();
      }
    }
    assertThat(http.get(db).json().get("doc_count").intValue()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "PUT /a/file|application/octet-stream|",
    "PUT /a|multipart/related; boundary=b|--b\r\nContent-Type: application/json\r\n\r\n"
        + "{\"_attachments\":{\"file\":{\"follows\":true,\"length\":1000000}}}\r\n--b\r\n\r\n",
    "POST /a|multipart/form-data; boundary=b|--b\r\nContent-Disposition: form-data; "
        + "name=\"_attachments\"; filename=\"f\"\r\nContent-Type: image/png\r\n\r\n"
  })
  void upload_thatStalls_timesOutAndLeavesNothing(String request) throws IOException {
    String db = http.newDatabase();
    String[] parts = request.split("[ |]", 3);
    String[] body = parts[2].split("\\|", 2);
    try (HttpConnection connection = http.connect()) {
      connection.send(
          parts[0] + " " + db + parts[1] + " HTTP/1.1\r\nHost: h\r\nReferer: http://h/\r\n"
              + "Content-Type: " + body[0] + "\r\nContent-Length: 2000000\r\n\r\n");
      connection.send(body[1]).send(new byte[700_000]);

      assertThat(connection.answer().whole().status()).isEqualTo(408);
      assertThat(connection.ends()).isTrue();
    }
    assertThat(http.get(db + "/a").status()).isEqualTo(404);
    assertThat(new StoredContents(service, db).rows()).isZero();
  }

  @Test
  void feed_clientDoesNotRead_releasesItsPermit() throws IOException {
    String db = http.newDatabase();
    for (int i = 0; i < 20; i++) {
      http.put(db + "/d" + i, "{\"x\":\"" + "x".repeat(1_000_000) + "\"}");
    }
    try (HttpConnection reader = http.connect()) {
      reader.send("GET", db + "/_changes?feed=continuous&include_docs=true", List.of());
      assertThat(reader.answer().status()).isEqualTo(200);

      long end = System.nanoTime() + WAIT.toNanos();
      int status = 503;
      while (status == 503 && System.nanoTime() < end) {
        status = http.get(db + "/_changes?feed=longpoll&limit=1").status();
      }
      assertThat(status).isEqualTo(200);
    }
  }

  @Test
  void batch_clientDisconnects_leavesCompleteTransactions() throws IOException {
    String db = http.newDatabase();
    int documents = 24;
    StringBuilder docs = new StringBuilder();
    for (int i = 0; i < documents; i++) {
      docs.append(i == 0 ? "{\"docs\":[" : ",").append("{\"_id\":\"d").append(i);
      docs.append("\",\"text\":\"").append("x".repeat(1_000_000)).append("\"}");
    }
    byte[] body = docs.append("]}").toString().getBytes();
    try (HttpConnection connection = http.connect()) {
      connection.send(
          "POST", db + "/_bulk_docs", List.of("Content-Type: application/json"), body);
    }

    TreeSet<Integer> counts = new TreeSet<>();
    long end = System.nanoTime() + WAIT.toNanos();
    while (!counts.contains(documents) && System.nanoTime() < end) {
      counts.add(http.get(db).json().get("doc_count").intValue());
    }
    // 9 MB of documents are one transaction.
    assertThat(counts).contains(documents).isSubsetOf(0, 7, 8, 14, 16, 21, documents);
    Database database =
        service.part(Databases.class).open(db.substring(1), Principal.SERVER_ADMIN);
    assertThat(DatabaseCheck.problems(database)).isEmpty();
  }
}

package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.Service;
import io.divan.api.http.HttpProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** The limit on waiting feeds, and their end when the service stops. */
class FeedLimitTest {
  @TempDir Path directory;

  @Test
  void feed_beyondTheLimit_isServiceUnavailable() throws IOException {
    try (Service service = Service.start(directory, "--divan.http.max-feeds=1")) {
      Http http = service.http();
      String db = http.newDatabase();
      try (HttpConnection feed = waiting(http, db, "feed=longpoll&since=now")) {

        HttpAnswer refused = http.get(db + "/_changes?feed=continuous");
        HttpAnswer normal = http.get(db + "/_changes");

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).isPresent();
        assertThat(normal.status()).isEqualTo(200);
        http.put(db + "/a", "{}");
        assertThat(feed.ends()).isFalse(); // its response has ended, which released its permit
      }
      assertThat(statusOnceFree(http, db)).isEqualTo(200);
    }
  }

  @Test
  void feed_largeFilter_takesSeveralPermits() throws IOException {
    try (Service service = Service.start(directory, "--divan.http.max-feeds=3")) {
      Http http = service.http();
      String db = http.newDatabase();
      String ids = "{\"doc_ids\":[\"" + "x".repeat(9_000) + "\"]}";
      try (HttpConnection feed =
          http.connect()
              .send(
                  "POST",
                  db + "/_changes?feed=longpoll&since=now&filter=_doc_ids",
                  List.of("Content-Type: application/json"),
                  ids.getBytes(StandardCharsets.UTF_8))) {
        feed.answer().line();

        assertThat(http.get(db + "/_changes?feed=continuous").status()).isEqualTo(503);
      }
    }
  }

  @Test
  void feeds_byDefault_fitTheHeap() {
    int feeds =
        new HttpProperties(
            DataSize.ofGigabytes(4), DataSize.ofMegabytes(16), null, Duration.ZERO)
            .feeds();

    assertThat(feeds).isBetween(1, 10_000);
    assertThat(feeds * 150_000L).isLessThan(Runtime.getRuntime().maxMemory());
  }

  @Test
  void feed_clientDisconnects_releasesItsPermit() throws IOException {
    try (Service service = Service.start(directory, "--divan.http.max-feeds=1")) {
      Http http = service.http();
      String db = http.newDatabase();

      waiting(http, db, "feed=continuous&since=now&heartbeat=10").close();

      assertThat(statusOnceFree(http, db)).isEqualTo(200);
    }
  }

  @Test
  void feeds_serviceStops_endWithTheirClosingLines() throws IOException {
    Service service = Service.start(directory);
    List<HttpConnection> feeds = new ArrayList<>();
    try {
      Http http = service.http();
      String db = http.newDatabase();
      List<HttpAnswer> answers = new ArrayList<>();
      for (String kind : List.of("longpoll", "continuous", "continuous&heartbeat=60000")) {
        HttpConnection feed =
            http.connect().send("GET", db + "/_changes?since=now&feed=" + kind, List.of());
        feeds.add(feed);
        answers.add(feed.answer());
        answers.getLast().line();
      }

      service.close();

      for (HttpAnswer answer : answers) {
        assertThat(answer.text()).contains("\"last_seq\":");
      }
    } finally {
      service.close();
      for (HttpConnection feed : feeds) {
        feed.close();
      }
    }
  }

  private static HttpConnection waiting(Http http, String db, String query) throws IOException {
    HttpConnection feed = http.connect().send("GET", db + "/_changes?" + query, List.of());
    feed.answer().line();
    return feed;
  }

  /** Retries for half a minute until a permit is free. */
  private static int statusOnceFree(Http http, String db) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    int status = 503;
    while (status == 503 && System.nanoTime() < end) {
      status =
          http.send(
              "GET",
              db + "/_changes?feed=longpoll&since=now&timeout=1",
              List.of(),
              Optional.empty())
              .status();
    }
    return status;
  }
}

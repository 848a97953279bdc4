package io.divan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the service with one carrier thread for all virtual threads. Code that pins the carrier
 * while it waits for another virtual thread would deadlock.
 */
class SingleCarrierTest {
  private static final Pattern PORT = Pattern.compile("on port (\\d+)");
  private static final int FEEDS = 20;
  private static final int CLIENTS = 16;
  private static final int ROUNDS = 10;

  @TempDir Path directory;

  @Test
  void service_onOneCarrier_servesAllRequests() throws Exception {
    List<String> options =
        List.of(
            "-Djdk.virtualThreadScheduler.parallelism=1",
            "-Djdk.virtualThreadScheduler.maxPoolSize=1");
    try (ChildJvm child = ChildJvm.service(directory, options, "--server.port=0")) {
      Matcher port = PORT.matcher(child.lineWith("Tomcat started on port"));
      assertThat(port.find()).isTrue();
      Http http = new Http("http://127.0.0.1:" + port.group(1));
      String db = http.newDatabase();
      List<HttpConnection> connections = new ArrayList<>();
      try {
        List<HttpAnswer> feeds = new ArrayList<>();
        for (int i = 0; i < FEEDS; i++) {
          String kind = i % 2 == 0 ? "continuous" : "continuous&heartbeat=50&include_docs=true";
          connections.add(http.connect());
          connections.getLast().send("GET", db + "/_changes?feed=" + kind, List.of());
          feeds.add(connections.getLast().answer());
          feeds.getLast().line();
        }
        connections.add(http.connect().send(half(db)));

        useFromManyThreads(http, db);

        for (HttpAnswer feed : feeds) {
          expectChanges(feed);
        }
        child.terminate();
        for (HttpAnswer feed : feeds) {
          assertThat(feed.text()).contains("last_seq");
        }
      } finally {
        for (HttpConnection connection : connections) {
          connection.close();
        }
      }
      assertThat(child.exitCode()).isZero();
    }
  }

  /** A request that is never completed. */
  private static String half(String db) {
    return "PUT " + db + "/half HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{\"x\":";
  }

  private static void useFromManyThreads(Http http, String db) throws Exception {
    List<Callable<Boolean>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      String prefix = db + "/c" + i + "-";
      clients.add(
          () -> {
            for (int round = 0; round < ROUNDS; round++) {
              assertThat(http.put(prefix + round, "{\"x\":1}").status()).isEqualTo(201);
              assertThat(http.get(prefix + round).status()).isEqualTo(200);
              assertThat(http.get(db + "/_all_docs?include_docs=true").status()).isEqualTo(200);
              assertThat(http.get(db + "/_changes?feed=longpoll&since=now&timeout=1").status())
                  .isEqualTo(200);
            }
            return Boolean.TRUE;
          });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      for (Future<Boolean> client : threads.invokeAll(clients)) {
        client.get();
      }
    }
    assertThat(http.get(db).json().get("doc_count").intValue()).isEqualTo(CLIENTS * ROUNDS);
  }

  private static void expectChanges(HttpAnswer feed) throws IOException {
    int changes = 0;
    while (changes < CLIENTS * ROUNDS) {
      if (!feed.line().isEmpty()) {
        changes++;
      }
    }
  }
}

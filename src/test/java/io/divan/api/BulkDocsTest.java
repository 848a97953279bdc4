package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.SharedService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** {@code _bulk_docs}. */
@ExtendWith(SharedService.class)
class BulkDocsTest {
  private static final int BATCHES = 40;

  @Test
  void conversation_aboutBatches(Http http) {
    Conversations.hold("bulk-docs", http);
  }

  @Test
  void batch_readWhileItIsWritten_isSeenCompletelyOrNotAtAll(Http http) throws Exception {
    String db = http.newDatabase();
    HttpAnswer first = write(http, db, 0, "", "");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<HttpAnswer> writer =
          threads.submit(
              () -> {
                HttpAnswer last = first;
                for (int i = 1; i <= BATCHES; i++) {
                  last = write(http, db, i, rev(last, 0), rev(last, 1));
                  assertThat(last.status()).isEqualTo(201);
                }
                return last;
              });
      int seen = 0;
      while (seen < BATCHES && writer.state() != Future.State.FAILED) {
        JsonNode rows =
            http.get(db + "/_all_docs?include_docs=true&keys=[\"left\",\"right\"]")
                .json()
                .get("rows");
        assertThat(rows.at("/0/doc/n")).isEqualTo(rows.at("/1/doc/n"));
        assertThat(rows.at("/0/doc/n").intValue()).isGreaterThanOrEqualTo(seen);
        seen = rows.at("/0/doc/n").intValue();
      }
      assertThat(writer.get().status()).isEqualTo(201);
    }
  }

  private static HttpAnswer write(Http http, String db, int n, String left, String right) {
    return http.post(
        db + "/_bulk_docs",
        "{\"docs\":[" + document("left", left, n) + "," + document("right", right, n) + "]}");
  }

  private static String document(String id, String revision, int n) {
    return "{\"_id\":\"" + id + '"' + (revision.isEmpty() ? "" : ",\"_rev\":\"" + revision + '"')
        + ",\"n\":" + n + "}";
  }

  private static String rev(HttpAnswer batch, int index) {
    return batch.json().get(index).get("rev").stringValue();
  }
}

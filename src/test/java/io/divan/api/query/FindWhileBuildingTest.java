package io.divan.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.background.BackgroundTask;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code _find} while the build of its index is held back by other background tasks. */
class FindWhileBuildingTest {

  /** More than run at a time. */
  private static final int TASKS = 4;

  /** A background task that runs until it is released. */
  private record Occupation(int number, CountDownLatch released) implements BackgroundTask {
    @Override
    public String type() {
      return "occupation";
    }

    @Override
    public String subject() {
      return Integer.toString(number);
    }

    @Override
    public void run(TaskRun run) {
      try {
        released.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @TempDir Path directory;

  private final CountDownLatch released = new CountDownLatch(1);
  private Service service;
  private Queries queries;

  @BeforeEach
  void holdBuildsBack() {
    service =
        Service.start(
            directory,
            "--divan.storage.backend=memory",
            "--divan.query.index-wait=20ms",
            "--divan.query.index-timeout=40ms");
    queries = Queries.ofDocuments(service.http(), 30);
    BackgroundTasks tasks = service.part(BackgroundTasks.class);
    for (int i = 0; i < TASKS; i++) {
      assertThat(tasks.submit(new Occupation(i, released))).isPresent();
    }
    queries.index("n", "n");
  }

  @AfterEach
  void stop() {
    released.countDown();
    service.close();
  }

  @Test
  void find_whileTheBuildIsHeldBack() {
    queries.post(
        "_index",
        "{'index':{'fields':['n'],'partial_filter_selector':{'m':1}},'ddoc':'p','name':'p'}");
    List<String> needed =
        List.of("'sort':['n']", "'use_index':'n','allow_fallback':false", "'use_index':'p'");
    for (String member : needed) {
      assertRetryLater(queries.post("_find", query(member)));
    }

    HttpAnswer scanned = queries.post("_find", "{'selector':{'n':{'$gte':28}}}");
    assertThat(scanned.status()).isEqualTo(200);
    assertThat(Queries.ids(scanned.json())).containsExactly("d28", "d29");
    assertThat(scanned.json().get("warning").asString()).startsWith("No matching index found");
    HttpAnswer explained = queries.post("_explain", "{'selector':{'n':1},'sort':['n']}");
    assertThat(explained.json().get("index").get("name").asString()).isEqualTo("n");

    released.countDown();
    for (String member : needed) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> queries.post("_find", query(member)).status() == 200);
      assertThat(queries.find(query(member)).has("warning")).isFalse();
    }
  }

  private static String query(String member) {
    return "{'selector':{'n':{'$gte':28}}," + member + "}";
  }

  private static void assertRetryLater(HttpAnswer answer) {
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isPresent();
    assertThat(answer.json().get("error").asString()).isEqualTo("service_unavailable");
    assertThat(answer.json().get("reason").asString())
        .matches("The index [np] of _design/[np] is still being built: retry later.*");
  }
}

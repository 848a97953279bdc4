package io.divan.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.background.BackgroundTask;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(strings = {"'sort':['n']", "'use_index':'n','allow_fallback':false",
    "'use_index':'p'"})
  void find_thatNeedsTheIndex_isToldToRetry(String needed) {
    queries.post(
        "_index",
        "{'index':{'fields':['n'],'partial_filter_selector':{'m':1}},'ddoc':'p','name':'p'}");
    String query = "{'selector':{'n':{'$gte':28}}," + needed + "}";
    HttpAnswer early = queries.post("_find", query);
    assertThat(early.status()).isEqualTo(503);
    assertThat(early.header("Retry-After")).isPresent();
    assertThat(early.json().get("error").asString()).isEqualTo("service_unavailable");
    assertThat(early.json().get("reason").asString())
        .matches("The index [np] of _design/[np] is still being built: retry later.*");

    released.countDown();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> queries.post("_find", query).status() == 200);
    assertThat(queries.find(query).has("warning")).isFalse();
  }

  @Test
  void find_thatDoesNotNeedTheIndex_readsAllDocumentsWithAWarning() {
    HttpAnswer found = queries.post("_find", "{'selector':{'n':{'$gte':28}}}");
    assertThat(found.status()).isEqualTo(200);
    assertThat(Queries.ids(found.json())).containsExactly("d28", "d29");
    assertThat(found.json().get("warning").asString()).startsWith("No matching index found");
  }

  @Test
  void explain_doesNotWait() {
    HttpAnswer explained = queries.post("_explain", "{'selector':{'n':1},'sort':['n']}");
    assertThat(explained.json().get("index").get("name").asString()).isEqualTo("n");
  }
}

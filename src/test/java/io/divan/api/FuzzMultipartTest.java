package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.TestAttachments;
import io.divan.document.maintenance.DatabaseCheck;
import io.divan.storage.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sends attachments in requests that are wrong at random. Each gets a response that a client
 * understands, a valid one stores its contents, and in the end no content is left that no document
 * has. {@code -Ddivan.fuzz.seconds=N} sets the duration.
 */
class FuzzMultipartTest {
  private static final int THREADS = 3;
  private static final String DATABASE = "/fuzz";
  private static final Duration SETTLED_MAX = Duration.ofSeconds(20);

  private final long seconds = Long.getLong("divan.fuzz.seconds", 5);
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  @TempDir Path directory;

  @Test
  void attachments_wrongAtRandom_leaveNothing() throws Exception {
    assumeThat(Boolean.getBoolean("divan.test.faults")).isFalse();
    long seed = Seeds.seed(20_261_121);
    try (Service service =
        Service.start(
            directory,
            "--divan.storage.backend=" + System.getProperty("divan.test.backend", "redb"),
            "--logging.level.org.apache=error");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(service.http().put(DATABASE, "").status()).isEqualTo(201);
      long deadline = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        FuzzMultipart requests = new FuzzMultipart(new Random(seed + i), "t" + i + "-");
        running.add(
            threads.submit(
                () -> {
                  send(service.http(), requests, deadline, Seeds.replay(seed));
                  return true;
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
      assertThat(accepted.get()).isGreaterThan(refused.get() / 10).isPositive();
      assertThat(refused.get()).isPositive();
      check(
          service.part(Databases.class).open(DATABASE.substring(1), Principal.SERVER_ADMIN));
    }
  }

  private void send(Http http, FuzzMultipart requests, long deadline, String replay)
      throws IOException {
    try (FuzzClient client = new FuzzClient(http)) {
      while (System.nanoTime() < deadline) {
        FuzzMultipart.Generated generated = requests.next(DATABASE);
        try {
          Optional<HttpAnswer> answer = client.exchange(generated.request());
          boolean taken = answer.filter(some -> some.status() / 100 == 2).isPresent();
          (taken ? accepted : refused).incrementAndGet();
          if (generated.valid()) {
            assertThat(answer.map(HttpAnswer::status).orElse(0)).isIn(201, 202);
            readBack(http, generated);
          }
          requests.learn(revision(http, DATABASE + requests.path()));
        } catch (AssertionError | RuntimeException | IOException e) {
          throw new AssertionError(replay + ": " + generated.request(), e);
        }
      }
    }
  }

  private static void readBack(Http http, FuzzMultipart.Generated generated) {
    if (generated.stored().isPresent()) {
      assertThat(http.get(generated.request().path(), "Accept-Encoding: identity").bytes())
          .isEqualTo(generated.stored().get());
    }
  }

  /** The winner; empty if the document does not exist, or is deleted. */
  private static Optional<String> revision(Http http, String path) {
    HttpAnswer answer = http.get(path);
    return answer.status() == 404
        ? Optional.empty()
        : Optional.of(answer.json().get("_rev").stringValue());
  }

  private static void check(Database database) throws InterruptedException {
    long deadline = System.nanoTime() + SETTLED_MAX.toNanos();
    while (deadlines(database) > 0 && System.nanoTime() < deadline) {
      Thread.onSpinWait(); // uploads whose connections have ended are being removed
    }
    assertThat(deadlines(database)).as("blobs without a reference").isZero();
    assertThat(DatabaseCheck.problems(database, true)).isEmpty();
  }

  private static long deadlines(Database database) {
    return TestAttachments.rows(database.store()).getLast();
  }
}

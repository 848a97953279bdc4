package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.maintenance.DatabaseCheck;
import io.divan.storage.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sends randomly mutated requests. None harms the service, and in the end it holds exactly what it
 * acknowledged. {@code -Ddivan.fuzz.seconds=N} sets the duration.
 */
class FuzzTest {
  private static final long SEED = 20_251_120;
  private static final int COMPARED_EVERY = 2_000;
  private static final int THREADS = 4;

  /** As many as it takes to see every method taken and refused, however slow the machine is. */
  private static final int REQUESTS_LEAST = 500;

  private final long seconds = Long.getLong("divan.fuzz.seconds", 6);

  @TempDir Path directory;

  @BeforeEach
  void expectSteadyStorage() {
    assumeThat(Boolean.getBoolean("divan.test.faults")).isFalse();
  }

  private Service start() {
    return Service.start(
        directory,
        "--divan.storage.backend=" + System.getProperty("divan.test.backend", "redb"),
        "--logging.level.org.apache=error");
  }

  @Test
  void requests_mutated_changeOnlyWhatIsAcknowledged() throws IOException {
    long seed = Seeds.seed(SEED);
    Random random = new Random(seed);
    FuzzModel model = new FuzzModel();
    Set<String> acknowledged = new TreeSet<>();
    Set<String> refused = new TreeSet<>();
    long deadline = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    try (Service service = start();
        FuzzClient client = new FuzzClient(service.http())) {
      FuzzRequests valid = new FuzzRequests(random, model);
      FuzzMutations mutations = new FuzzMutations(random);
      for (int i = 1; i <= REQUESTS_LEAST || System.nanoTime() < deadline; i++) {
        FuzzRequest plain = valid.next();
        FuzzRequest request = random.nextInt(10) < 4 ? plain : mutations.mutate(plain);
        try {
          Optional<HttpAnswer> answer = client.exchange(request);
          model.learn(request, answer);
          boolean taken = answer.filter(some -> some.status() < 300).isPresent();
          (taken ? acknowledged : refused).add(request.method());
          if (i % COMPARED_EVERY == 0) {
            model.compare(service.http());
          }
        } catch (AssertionError | RuntimeException | IOException e) {
          throw new AssertionError(
              "request " + i + ", " + Seeds.replay(seed) + ": " + request, e);
        }
      }
      assertThat(acknowledged).contains("GET", "PUT", "POST", "DELETE");
      assertThat(refused).contains("GET", "PUT", "POST", "DELETE");
      model.compare(service.http());
      check(service, List.copyOf(model.databases.keySet()));
    }
  }

  @Test
  void requests_mutatedOfManyClients_keepEveryInvariant() throws Exception {
    long seed = Seeds.seed(SEED) + 1;
    long deadline = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    try (Service service = start();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Random random = new Random(seed + i);
        running.add(
            threads.submit(
                () -> {
                  send(service, random, deadline);
                  return true;
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
      List<String> names = new ArrayList<>();
      service.http().get("/_all_dbs").json().forEach(name -> names.add(name.stringValue()));
      check(service, names);
    }
  }

  /** The clients share their databases, and none knows the edits of the others. */
  private static void send(Service service, Random random, long deadline) throws IOException {
    FuzzModel guess = new FuzzModel();
    for (int i = 0; i < 3; i++) {
      guess.databases.put("fuzz" + i, new FuzzModel.Contents());
    }
    FuzzRequests valid = new FuzzRequests(random, guess);
    FuzzMutations mutations = new FuzzMutations(random);
    try (FuzzClient client = new FuzzClient(service.http())) {
      while (System.nanoTime() < deadline) {
        FuzzRequest plain =
            random.nextInt(100) == 0
                ? new FuzzRequest(
                    "PUT",
                    "/fuzz" + random.nextInt(3),
                    List.of(),
                    Optional.empty(),
                    FuzzRequest.Framing.LENGTH)
                : valid.next();
        FuzzRequest request = random.nextInt(10) < 4 ? plain : mutations.mutate(plain);
        try {
          client.exchange(request);
        } catch (AssertionError | RuntimeException | IOException e) {
          throw new AssertionError(request.toString(), e);
        }
      }
    }
  }

  private static void check(Service service, List<String> databases) {
    for (String name : databases) {
      Database database =
          service.part(Databases.class).open(name, Principal.SERVER_ADMIN);
      assertThat(DatabaseCheck.problems(database)).as(name).isEmpty();
      assertThat(IndexProblems.of(database)).as(name).isEmpty();
    }
  }
}

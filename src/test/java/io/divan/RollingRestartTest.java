package io.divan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Two instances over one cluster, restarted one after the other under load. The clients go through
 * a balancer that asks for readiness, as Kubernetes does, and repeats a request only if the
 * connection was refused.
 */
@Timeout(180)
class RollingRestartTest {
  private static final int WRITERS = 3;

  @TempDir Path directory;

  @Test
  void restart_oneAfterTheOther_losesNoRequest() throws Exception {
    restartBoth("--divan.storage.backend=" + SharedCluster.NAME);
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "FDB_CLUSTER_FILE", matches = ".+")
  void restart_realCluster_losesNoRequest() throws Exception {
    restartBoth(
        "--divan.storage.backend=fdb",
        "--divan.storage.fdb.cluster-file=" + System.getenv("FDB_CLUSTER_FILE"),
        "--divan.storage.fdb.directory=rolling" + System.nanoTime());
  }

  private void restartBoth(String... settings) throws Exception {
    Balancer balancer = new Balancer();
    List<Service> services = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        services.add(start(settings));
        balancer.ports.set(i, services.get(i).port());
      }
      assertThat(balancer.send("PUT", "/db", "").statusCode()).isEqualTo(201);
      try (Load load = new Load(balancer)) {
        for (int i = 0; i < 2; i++) {
          load.awaitMore(50);
          services.get(i).close();
          load.awaitMore(50);
          services.set(i, start(settings));
          balancer.ports.set(i, services.get(i).port());
        }
        load.awaitMore(50);
      }
    } finally {
      services.forEach(Service::close);
      balancer.close();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Service start(String... settings) {
    String[] all = new String[settings.length + 1];
    System.arraycopy(settings, 0, all, 0, settings.length);
    all[settings.length] = "--divan.http.drain-time=1s";
    return Service.start(SharedCluster.class, directory, all);
  }

  /** Sends each request to an instance that was ready a moment ago, in turn. */
  private static final class Balancer implements AutoCloseable {
    private final HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicIntegerArray ports = new AtomicIntegerArray(2);
    private final AtomicIntegerArray ready = new AtomicIntegerArray(2);
    private final AtomicInteger turn = new AtomicInteger();
    private final Thread prober = Thread.ofPlatform().unstarted(this::probe);

    Balancer() {
      prober.start();
    }

    private void probe() {
      while (!Thread.currentThread().isInterrupted()) {
        for (int i = 0; i < 2; i++) {
          try {
            int status = status(i);
            ready.set(i, status == 200 ? 1 : 0);
          } catch (IOException e) {
            ready.set(i, 0);
          } catch (InterruptedException e) {
            return;
          }
        }
      }
    }

    private int status(int instance) throws IOException, InterruptedException {
      HttpRequest probe =
          HttpRequest.newBuilder(
              URI.create(
                  "http://127.0.0.1:" + Math.max(1, ports.get(instance))
                      + "/actuator/health/readiness"))
              .timeout(Duration.ofSeconds(5))
              .build();
      return client.send(probe, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    HttpResponse<String> send(String method, String path, String body)
        throws IOException, InterruptedException {
      while (true) {
        int instance = turn.getAndIncrement() & 1;
        if (ready.get(instance) == 0) {
          LockSupport.parkNanos(1_000_000);
          continue;
        }
        HttpRequest request =
            HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + ports.get(instance) + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json")
                .build();
        try {
          return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (ConnectException e) {
          ready.set(instance, 0);
        }
      }
    }

    @Override
    public void close() {
      prober.interrupt();
      join(prober);
      client.close();
    }
  }

  /** Clients that write documents, and one that follows the changes. */
  private static final class Load implements AutoCloseable {
    private final Balancer balancer;
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Set<String> written = new ConcurrentSkipListSet<>();
    private final Set<String> followed = new TreeSet<>();
    private final List<Thread> writers = new ArrayList<>();
    private final Thread follower;
    private volatile boolean ending;
    private volatile boolean allWritten;

    Load(Balancer balancer) {
      this.balancer = balancer;
      for (int i = 0; i < WRITERS; i++) {
        String prefix = "w" + i + "-";
        writers.add(Thread.ofPlatform().start(() -> write(prefix)));
      }
      follower = Thread.ofPlatform().start(this::follow);
    }

    private void write(String prefix) {
      for (int i = 0; !ending; i++) {
        String id = prefix + i;
        try {
          HttpResponse<String> put = balancer.send("PUT", "/db/" + id, "{}");
          HttpResponse<String> get = balancer.send("GET", "/db/" + id, "");
          if (put.statusCode() != 201 || get.statusCode() != 200) {
            failures.add(id + ": " + put.statusCode() + put.body() + get.statusCode());
          }
          written.add(id);
        } catch (IOException | InterruptedException e) {
          failures.add(id + ": " + e);
        }
      }
    }

    private void follow() {
      String since = "0";
      JsonMapper json = new JsonMapper();
      try {
        while (!allWritten || !followed.containsAll(written)) {
          HttpResponse<String> answer =
              balancer.send("GET", "/db/_changes?feed=longpoll&timeout=1000&since=" + since, "");
          JsonNode changes = json.readTree(answer.body());
          changes.get("results").findValuesAsString("id").forEach(followed::add);
          since = changes.get("last_seq").stringValue();
        }
      } catch (IOException | InterruptedException | RuntimeException e) {
        failures.add("changes: " + e);
      }
    }

    void awaitMore(int documents) {
      int begin = written.size();
      while (written.size() < begin + documents && failures.isEmpty()) {
        LockSupport.parkNanos(1_000_000);
      }
    }

    @Override
    public void close() {
      ending = true;
      for (Thread writer : writers) {
        join(writer);
      }
      allWritten = true;
      join(follower);
      assertThat(failures).isEmpty();
      assertThat(followed.equals(written)).as("the follower has seen each document").isTrue();
    }
  }
}

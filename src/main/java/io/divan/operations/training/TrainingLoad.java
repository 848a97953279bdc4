package io.divan.operations.training;

import io.divan.operations.training.TrainingConnection.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What clients send: mostly reads and writes of single documents, between them batches, listings
 * and the changes feed, with Basic authentication, with session cookies and anonymously.
 */
final class TrainingLoad {
  private static final int CONNECTIONS = 8;
  private static final int BATCH = 50;
  private static final String DATABASE = "/training";
  private static final Pattern REVISION = Pattern.compile("\"_?rev\":\"([^\"]+)\"");
  private static final Pattern COOKIE = Pattern.compile("(?i)set-cookie: *(AuthSession=[^;]+)");
  private static final String TEXT = "lorem ipsum dolor sit amet consectetur ".repeat(22);

  private final int port;
  private final String admin;
  private final String password;

  TrainingLoad(int port, String admin, String password) {
    this.port = port;
    this.admin = admin;
    this.password = password;
  }

  /**
   * Sends at least a number of requests over several connections, on each at least one of each
   * kind, and returns their number.
   *
   * @throws IOException if a response has another status than it must have
   */
  long run(long requests) throws IOException {
    String basic = "Authorization: Basic " + base64(admin + ":" + password) + "\r\n";
    String cookie;
    try (TrainingConnection connection = new TrainingConnection(port, basic)) {
      Requests first = new Requests(connection);
      first.send(201, "PUT", DATABASE, "");
      first.send(200, "PUT", DATABASE + "/_security", "{\"admins\":{},\"members\":{}}");
      String login = "{\"name\":\"" + admin + "\",\"password\":\"" + password + "\"}";
      Matcher found = COOKIE.matcher(first.send(200, "POST", "/_session", login).head());
      if (!found.find()) {
        throw new IOException("the log-in returned no cookie");
      }
      cookie = "Cookie: " + found.group(1) + "\r\n";
    }
    List<String> callers = List.of(basic, cookie, "", "");
    long share = requests / CONNECTIONS;
    try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      List<Future<Long>> workers = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        String name = "w" + i;
        String credentials = callers.get(i % callers.size());
        workers.add(threads.submit(() -> work(name, credentials, share)));
      }
      return sum(workers);
    }
  }

  private static long sum(List<Future<Long>> workers) throws IOException {
    long requests = 0;
    try {
      for (Future<Long> worker : workers) {
        requests += worker.get();
      }
      return requests;
    } catch (ExecutionException e) {
      throw new IOException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("it was interrupted", e);
    }
  }

  private long work(String name, String credentials, long share) throws IOException {
    try (TrainingConnection connection = new TrainingConnection(port, credentials)) {
      Requests requests = new Requests(connection);
      int round = 0;
      do {
        requests.documents(name + "-" + round);
        if (round % 10 == 0) {
          requests.listings(name + "-" + round);
        }
        round++;
      } while (requests.count < share);
      return requests.count;
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The requests of one connection. */
  private static final class Requests {
    private final TrainingConnection connection;
    private long count;

    Requests(TrainingConnection connection) {
      this.connection = connection;
    }

    Response send(int status, String method, String target, String body) throws IOException {
      count++;
      Response response = connection.send(method, target, body);
      if (response.status() != status) {
        throw new IOException(
            method + " " + target + " returned " + response.status() + ": " + response.body());
      }
      return response;
    }

    private String get(String target) throws IOException {
      return send(200, "GET", target, "").body();
    }

    /** Single documents: written, read, edited, in conflict, missing, deleted. */
    void documents(String name) throws IOException {
      for (int i = 0; i < 8; i++) {
        String path = DATABASE + "/" + name + "-" + i;
        send(201, "PUT", path, document("", i));
        get(path);
        get(path);
      }
      String path = DATABASE + "/" + name + "-0";
      send(409, "PUT", path, document("", 1));
      String edited =
          send(201, "PUT", path, document("\"_rev\":\"" + revision(get(path)) + "\",", 2)).body();
      get(path + "?revs=true&conflicts=true");
      send(200, "HEAD", path, "");
      send(200, "DELETE", path + "?rev=" + revision(edited), "");
      send(404, "GET", path, "");
      send(201, "POST", DATABASE, document("\"_id\":\"" + name + "-post\",", 3));
    }

    /** Batches, listings, what replication sends, and what tools ask now and then. */
    void listings(String name) throws IOException {
      String documents =
          IntStream.range(0, BATCH)
              .mapToObj(i -> document("\"_id\":\"" + name + "-bulk-" + i + "\",", i))
              .collect(Collectors.joining(","));
      send(201, "POST", DATABASE + "/_bulk_docs", "{\"docs\":[" + documents + "]}");
      String keys = "{\"keys\":[\"" + name + "-bulk-1\",\"" + name + "-bulk-2\",\"none\"]}";
      String revision = revision(get(DATABASE + "/" + name + "-bulk-1"));
      get(DATABASE + "/_all_docs?limit=100");
      get(DATABASE + "/_all_docs?include_docs=true&limit=50&startkey=%22" + name + "%22");
      send(200, "POST", DATABASE + "/_all_docs?include_docs=true", keys);
      get(DATABASE + "/_changes?limit=100");
      get(DATABASE + "/_changes?include_docs=true&descending=true&limit=50");
      get(DATABASE + "/_changes?feed=longpoll&since=0&limit=10&style=all_docs");
      send(
          200,
          "POST",
          DATABASE + "/_revs_diff",
          "{\"" + name + "-bulk-1\":[\"" + revision + "\",\"9-absent\"]}");
      send(
          200,
          "POST",
          DATABASE + "/_bulk_get?revs=true",
          "{\"docs\":[{\"id\":\"" + name + "-bulk-1\",\"rev\":\"" + revision + "\"}]}");
      String local = DATABASE + "/_local/" + name;
      send(404, "GET", local, "");
      send(201, "PUT", local, "{\"last_seq\":0}");
      get(local);
      for (String target : List.of("/", "/_up", "/_session", "/_uuids", DATABASE, DATABASE
          + "/_security",
          "/actuator/health/liveness", "/actuator/health/readiness")) {
        get(target);
      }
    }

    private static String document(String first, int i) {
      return "{" + first + "\"type\":\"training\",\"number\":" + i + ",\"amount\":" + i * 37
          + ".25,\"tags\":[\"a" + i
          + "\",\"b\"],\"nested\":{\"flag\":true,\"none\":null},\"text\":\""
          + TEXT + "\"}";
    }

    private static String revision(String body) throws IOException {
      Matcher found = REVISION.matcher(body);
      if (!found.find()) {
        throw new IOException("a response has no revision: " + body);
      }
      return found.group(1);
    }
  }
}

package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.storage.Seeds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sends randomly mutated requests of callers with few permissions. The service changes only what
 * they may change, and shows no secret. {@code -Ddivan.fuzz.seconds=N} sets the duration.
 */
class FuzzCallersTest {
  private static final long SEED = 20_261_121;
  private static final int COMPARED_EVERY = 500;
  private static final int LOGGED_IN_EVERY = 50;

  /** How many of the latest accepted edits a failure lists. */
  private static final int EDITS_MAX = 20;

  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
  private static final Set<String> CLOSED_USERS = Set.of("private", "_users");
  private static final Set<String> OPEN_USERS = Set.of("private");

  /** A combination of settings that give callers more permissions. */
  private record Mode(Set<String> closed, List<String> settings) {}

  private static final List<Mode> MODES =
      List.of(
          new Mode(CLOSED_USERS, List.of()),
          new Mode(OPEN_USERS, List.of("chttpd_auth/users_db_public true")),
          new Mode(
              OPEN_USERS,
              List.of(
                  "chttpd_auth/users_db_public true", "chttpd_auth/public_fields name",
                  "chttpd/admin_only_all_dbs false")),
          new Mode(CLOSED_USERS, List.of("couchdb/default_security everyone")));

  private final long seconds = Long.getLong("divan.fuzz.seconds", 4);
  private final long seed = Seeds.seed(SEED);
  private final Random random = new Random(seed);
  private final FuzzModel model = new FuzzModel();
  private final List<String> edits = new ArrayList<>();
  private final Set<Integer> statuses = new TreeSet<>();

  @TempDir Path directory;

  @BeforeEach
  void expectSteadyStorage() {
    assumeThat(Boolean.getBoolean("divan.test.faults")).isFalse();
  }

  private Service start() {
    String key =
        Base64.getEncoder()
            .encodeToString(FuzzCaller.TOKEN_KEY.getBytes(StandardCharsets.UTF_8));
    return Service.start(
        directory,
        "--divan.storage.backend=" + System.getProperty("divan.test.backend", "redb"),
        "--divan.admins.admin=" + FuzzCaller.ADMIN_PASSWORD,
        "--divan.authentication.iterations=1",
        "--divan.authentication.max-iterations=1000",
        "--divan.authentication.secret=" + FuzzCaller.PROXY_SECRET,
        "--divan.authentication.proxy-enabled=true",
        "--divan.jwt.keys[hmac:_default]=" + key,
        "--divan.lockout.mode=off",
        "--logging.level.divan.audit=error",
        "--logging.level.org.apache=error");
  }

  @Test
  void anonymous_requestsMutated_changeOnlyWhatIsOpen() throws IOException {
    run(Optional.empty(), "{\"admins\":{\"names\":[\"dbadmin\"]}}");
  }

  @Test
  void member_requestsMutated_changeOnlyDocuments() throws IOException {
    run(
        Optional.of("member"),
        "{\"admins\":{\"names\":[\"dbadmin\"]},\"members\":{\"names\":[\"member\"]}}");
  }

  private void run(Optional<String> name, String security) throws IOException {
    try (Service service = start();
        FuzzClient client = new FuzzClient(service.http())) {
      FuzzCaller caller = new FuzzCaller(service, name);
      Http admin = FuzzCaller.admin(service);
      prepare(admin, security);
      caller.logInAgain();
      FuzzGuarded guarded = FuzzGuarded.of(admin, caller, MODES.getFirst().closed());
      FuzzRequests valid = new FuzzRequests(random, model);
      FuzzCallerRequests requests = new FuzzCallerRequests(random, valid, caller);
      FuzzMutations mutations = new FuzzMutations(random);
      long deadline = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
      for (int i = 1; System.nanoTime() < deadline; i++) {
        FuzzRequest plain = requests.next(user -> revision(admin, user));
        FuzzRequest request = random.nextInt(10) < 6 ? plain : mutations.mutate(plain);
        try {
          exchange(client, request);
          if (i % LOGGED_IN_EVERY == 0) {
            caller.logInAgain();
          }
          if (i % COMPARED_EVERY == 0) {
            guarded.compare();
            model.compareDatabases(admin);
            guarded = inMode(admin, caller, i / COMPARED_EVERY);
            edits.clear();
          }
        } catch (AssertionError | RuntimeException | IOException e) {
          throw new AssertionError(
              "request " + i + ", " + Seeds.replay(seed) + ": " + request + "\nafter the edits\n"
                  + String.join("\n", edits),
              e);
        }
      }
      assertCompared(guarded, admin);
    }
  }

  private void assertCompared(FuzzGuarded guarded, Http admin) {
    try {
      guarded.compare();
      model.compareDatabases(admin);
    } catch (AssertionError e) {
      throw new AssertionError(
          "at the end, " + Seeds.replay(seed) + ", after\n" + String.join("\n", edits), e);
    }
    assertThat(statuses).contains(200, 201, 400, 401, 404);
  }

  private void exchange(FuzzClient client, FuzzRequest request) throws IOException {
    Optional<HttpAnswer> answer = client.exchange(request);
    model.learn(request, answer);
    answer.ifPresent(
        some -> {
          statuses.add(some.status());
          assertThat(some.text()).doesNotContain(FuzzGuarded.HIDDEN);
          if (some.status() / 100 == 2 && !READING.contains(request.method())) {
            edits.add(request.toString());
            if (edits.size() > EDITS_MAX) {
              edits.removeFirst();
            }
          }
        });
  }

  private static Optional<String> revision(Http admin, String user) {
    return admin
        .head("/_users/" + FuzzCaller.id(user))
        .header("ETag")
        .map(etag -> etag.replace("\"", ""));
  }

  /** Two databases of the caller, one of others, each with a document of each kind; and users. */
  private void prepare(Http admin, String security) {
    for (String name : List.of("member", "other", "dbadmin")) {
      String phone = name.equals("member") ? "1" : FuzzGuarded.HIDDEN;
      created(admin.put("/_users/" + FuzzCaller.id(name), FuzzCaller.user(name, phone)));
    }
    for (String name : List.of("fuzz0", "fuzz1")) {
      created(admin.put("/" + name, ""));
      model.databases.put(name, new FuzzModel.Contents());
      model.databases.get(name).unknown.add("_design/v");
    }
    created(admin.put("/private", ""));
    String document = "{\"n\":\"" + FuzzGuarded.HIDDEN + "\"}";
    for (String id : List.of("d0", "d1", "_local/l0", "_local/l1")) {
      created(admin.put("/private/" + id, document));
    }
    for (String name : List.of("fuzz0", "fuzz1", "private")) {
      created(admin.put("/" + name + "/_design/v", "{\"v\":1}"));
      assertThat(admin.put("/" + name + "/_revs_limit", "500").status()).isEqualTo(200);
      assertThat(admin.put("/" + name + "/_purged_infos_limit", "700").status()).isEqualTo(200);
      String own = name.equals("private") ? security.replace("member\"]", "other\"]") : security;
      String closed = name.equals("private") && !own.contains("members")
          ? "{\"members\":{\"names\":[\"other\"]}}"
          : own;
      assertThat(admin.put("/" + name + "/_security", closed).status()).isEqualTo(200);
    }
  }

  private static void created(HttpAnswer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
  }

  /** Gives the service the settings of the next mode. */
  private FuzzGuarded inMode(Http admin, FuzzCaller caller, int number) {
    Mode former = MODES.get((number - 1) % MODES.size());
    former.settings().forEach(line -> admin.delete(config(line.split(" ")[0])));
    Mode mode = MODES.get(number % MODES.size());
    for (String line : mode.settings()) {
      String[] parts = line.split(" ");
      assertThat(admin.put(config(parts[0]), "\"" + parts[1] + "\"").status()).isEqualTo(200);
    }
    return FuzzGuarded.of(admin, caller, mode.closed());
  }

  private static String config(String setting) {
    return "/_node/_local/_config/" + setting;
  }
}

package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.Service;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.Environment;

/** Log-in, cookies, Basic authentication and what ends them. */
class SessionTest {
  private static final String SECURITY = "{\"members\":{\"names\":[\"anna\"]}}";

  @TempDir Path directory;

  private final List<Service> services = new ArrayList<>();

  private Service start(String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of("--divan.admins.admin=5ecret", "--divan.authentication.iterations=1"));
    all.addAll(List.of(settings));
    Service service = Service.start(directory, all.toArray(String[]::new));
    services.add(service);
    return service;
  }

  @AfterEach
  void stop() {
    services.forEach(Service::close);
  }

  private static Http as(Service service, String credentials) {
    return new Http("http://" + credentials + "@127.0.0.1:" + service.port());
  }

  private static void createUser(Service service, String name, String password) {
    HttpAnswer answer =
        as(service, "admin:5ecret")
            .put(
                "/_users/org.couchdb.user:" + name,
                "{\"name\":\"" + name + "\",\"password\":\"" + password
                    + "\",\"type\":\"user\",\"roles\":[\"staff\"]}");
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
  }

  private static HttpAnswer logIn(Http http, String name, String password, String... headers) {
    return http.post(
        "/_session",
        "{\"name\":\"" + name + "\",\"password\":\"" + password + "\"}",
        headers);
  }

  private static String cookie(HttpAnswer answer) {
    String header = answer.header("Set-Cookie").orElseThrow();
    return header.substring(0, header.indexOf(';'));
  }

  @Test
  void logIn_right_setsACookieThatAuthenticates() {
    Service service = start();
    createUser(service, "anna", "a");

    HttpAnswer answer = logIn(service.http(), "anna", "a");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text())
        .isEqualTo("{\"ok\":true,\"name\":\"anna\",\"roles\":[\"staff\"]}\n");
    assertThat(answer.header("Set-Cookie").orElseThrow())
        .matches("AuthSession=[-_A-Za-z0-9]+; Path=/; Max-Age=600; Expires=.*; HttpOnly");
    String quoted = cookie(answer).replaceFirst("=(.*)", "=\"$1\"");
    assertThat(service.http().get("/_session", "Cookie: " + quoted).text())
        .contains("\"authenticated\":\"cookie\"");
    assertThat(service.http().get("/_session", "Cookie: " + cookie(answer)).text())
        .isEqualTo(
            "{\"ok\":true,\"userCtx\":{\"name\":\"anna\",\"roles\":[\"staff\"]},\"info\":"
                + "{\"authentication_handlers\":[\"cookie\",\"default\"],"
                + "\"authenticated\":\"cookie\"}}\n");
  }

  @Test
  void logIn_wrong_clearsTheCookie() {
    Service service = start();

    HttpAnswer answer = logIn(service.http(), "admin", "guess", "Accept: text/html");

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.text())
        .isEqualTo(
            "{\"error\":\"unauthorized\",\"reason\":\"Name or password is incorrect.\"}\n");
    assertThat(answer.header("Set-Cookie").orElseThrow()).startsWith("AuthSession=;");
  }

  @Test
  void logIn_form_redirects() {
    Service service = start();
    Http http = service.http();
    List<String> form = List.of("Content-Type: application/x-www-form-urlencoded");
    Optional<byte[]> right =
        Optional.of("username=admin&password=5ecret".getBytes(StandardCharsets.UTF_8));
    Optional<byte[]> wrong =
        Optional.of("name=admin&password=x".getBytes(StandardCharsets.UTF_8));

    HttpAnswer next = http.send("POST", "/_session?next=/db%2Fa", form, right);
    HttpAnswer fail = http.send("POST", "/_session?fail=/again", form, wrong);
    HttpAnswer elsewhere = http.send("POST", "/_session?next=http://evil/", form, right);
    HttpAnswer other = http.send("POST", "/_session?next=/%0D%0AX-Evil:%201", form, right);

    assertThat(next.status()).isEqualTo(302);
    assertThat(next.header("Location").orElseThrow()).isEqualTo(http.url() + "/db/a");
    assertThat(fail.status()).isEqualTo(302);
    assertThat(fail.header("Location").orElseThrow()).isEqualTo(http.url() + "/again");
    for (HttpAnswer refused : List.of(elsewhere, other)) {
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.header("Set-Cookie")).isEmpty();
    }
  }

  @Test
  void logIn_malformed_isRefusedWithAReason() {
    Http http = start().http();

    assertThat(http.post("/_session", "{").status()).isEqualTo(400);
    assertThat(http.post("/_session", "[]").status()).isEqualTo(400);
    assertThat(http.post("/_session", "{}").text())
        .contains("request body must contain a username");
    assertThat(http.post("/_session", "{\"name\":\"a\",\"username\":\"b\"}").text())
        .contains("request body contains different usernames");
    assertThat(
        http.send("POST", "/_session", List.of("Content-Type: text/plain"),
            Optional.of(new byte[] {1}))
            .status())
        .isEqualTo(415);
    assertThat(http.post("/_session", "{\"name\":\"" + "x".repeat(70_000) + "\"}").status())
        .isEqualTo(413);
  }

  @Test
  void logOut_clearsTheCookie() {
    HttpAnswer answer = start().http().delete("/_session");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("{\"ok\":true}\n");
    assertThat(answer.header("Set-Cookie").orElseThrow()).startsWith("AuthSession=;");
  }

  @Test
  void cookie_outlivesARestart_andEndsWithThePassword() {
    Service first = start();
    createUser(first, "anna", "a");
    String admin = cookie(logIn(first.http(), "admin", "5ecret"));
    String anna = cookie(logIn(first.http(), "anna", "a"));
    first.close();
    services.clear();

    Service second = start();

    for (String cookie : List.of(admin, anna)) {
      assertThat(second.http().get("/_session", "Cookie: " + cookie).text())
          .contains("\"authenticated\":\"cookie\"");
    }
    String etag =
        as(second, "admin:5ecret")
            .head("/_users/org.couchdb.user:anna")
            .header("ETag")
            .orElseThrow();
    assertThat(
        as(second, "anna:a")
            .get("/_session")
            .text())
        .contains("\"name\":\"anna\"");
    HttpAnswer changed =
        as(second, "admin:5ecret")
            .put(
                "/_users/org.couchdb.user:anna",
                "{\"name\":\"anna\",\"password\":\"b\",\"type\":\"user\",\"roles\":[]}",
                "If-Match: " + etag);
    assertThat(changed.status()).as(changed.text()).isEqualTo(201);

    assertThat(second.http().get("/_session", "Cookie: " + anna).text())
        .contains("\"name\":null");
    assertThat(as(second, "anna:a").get("/_session").status()).isEqualTo(401);
    assertThat(as(second, "anna:b").get("/_session").text()).contains("\"name\":\"anna\"");
  }

  @Test
  void user_deleted_isUnknownAtOnce() {
    Service service = start();
    createUser(service, "anna", "a");
    assertThat(as(service, "anna:a").get("/_session").status()).isEqualTo(200);
    String id = "/_users/org.couchdb.user:anna";
    String etag = as(service, "admin:5ecret").head(id).header("ETag").orElseThrow();

    assertThat(as(service, "admin:5ecret").delete(id, "If-Match: " + etag).status())
        .isEqualTo(200);

    assertThat(as(service, "anna:a").get("/_session").status()).isEqualTo(401);
  }

  @Test
  void passwords_wrongFiveTimes_lockTheName() {
    Service service = start();
    createUser(service, "anna", "a");
    for (int i = 0; i < 5; i++) {
      assertThat(as(service, "anna:x").get("/").status()).isEqualTo(401);
    }

    HttpAnswer locked = as(service, "anna:a").get("/");

    assertThat(locked.status()).isEqualTo(403);
    assertThat(locked.text())
        .contains("Account is temporarily locked due to multiple authentication failures");
    assertThat(logIn(service.http(), "anna", "a").status()).isEqualTo(403);
    assertThat(as(service, "admin:5ecret").get("/").status()).isEqualTo(200);
  }

  @Test
  void administrator_configuredWithAnotherPassword_isReplaced() {
    start().close();
    services.clear();

    Service service =
        Service.start(
            directory, "--divan.admins.admin=other", "--divan.authentication.iterations=1");
    services.add(service);

    assertThat(as(service, "admin:5ecret").get("/_all_dbs").status()).isEqualTo(401);
    assertThat(as(service, "admin:other").get("/_all_dbs").status()).isEqualTo(200);
  }

  @Test
  void administrators_atRunTime_areMadeAndRemoved() {
    Service service = start();
    Http admin = as(service, "admin:5ecret");
    String admins = "/_node/_local/_config/admins/";

    assertThat(admin.put(admins + "eva", "\"e\"").status()).isEqualTo(200);
    assertThat(as(service, "eva:e").get("/_all_dbs").status()).isEqualTo(200);
    assertThat(admin.get(admins + "eva").text()).startsWith("\"-pbkdf2:sha256-");
    assertThat(admin.put(admins + "admin", "\"x\"").status()).isEqualTo(403);
    assertThat(admin.delete(admins + "admin").status()).isEqualTo(403);
    assertThat(admin.delete(admins + "eva").status()).isEqualTo(200);
    assertThat(as(service, "eva:e").get("/_all_dbs").status()).isEqualTo(401);
  }

  @Test
  void service_withoutAdministrators_isOpenUntilThereIsOne() {
    Service service = Service.start(directory, "--divan.authentication.iterations=1");
    services.add(service);
    Http http = service.http();
    assertThat(http.put("/db", "").status()).isEqualTo(201);
    String admins = "/_node/_local/_config/admins/eva";

    assertThat(http.put(admins, "\"e\"").status()).isEqualTo(200);

    assertThat(http.get("/db").status()).isEqualTo(401);
    assertThat(as(service, "eva:e").get("/db").status()).isEqualTo(200);
    assertThat(as(service, "eva:e").delete(admins).status()).isEqualTo(200);
    assertThat(http.get("/db").status()).isEqualTo(200);
  }

  @Test
  void validUser_required_closesEverythingButLogIn() {
    Service service = start("--divan.access.require-valid-user=true");
    Http http = service.http();

    for (String path : List.of("/", "/_up", "/_session", "/db", "/_utils")) {
      HttpAnswer answer = http.get(path);
      assertThat(answer.status()).as(path).isEqualTo(401);
      assertThat(answer.text()).contains("Authentication required.");
      assertThat(answer.header("WWW-Authenticate")).contains("Basic realm=\"server\"");
    }
    assertThat(http.get("/actuator/health").status()).isEqualTo(200);
    assertThat(logIn(http, "admin", "5ecret").status()).isEqualTo(200);
    assertThat(as(service, "admin:5ecret").get("/_up").status()).isEqualTo(200);
  }

  @Test
  void validUser_requiredExceptForUp_leavesThatOpen() {
    Service service = start("--divan.access.require-valid-user-except-for-up=true");

    assertThat(service.http().get("/_up").status()).isEqualTo(200);
    assertThat(service.http().get("/").status()).isEqualTo(401);
  }

  @Test
  void unauthorized_promptsOnlyWhoAsks() {
    Service service = start();
    Http http = service.http();

    assertThat(http.get("/_all_dbs").header("WWW-Authenticate")).isEmpty();
    assertThat(
        http.get("/_all_dbs", "X-CouchDB-WWW-Authenticate: Cookie").header("WWW-Authenticate"))
        .contains("Cookie");
    HttpAnswer browser = http.get("/_all_dbs", "Accept: text/html");
    assertThat(browser.status()).isEqualTo(302);
    assertThat(browser.header("Location").orElseThrow())
        .isEqualTo(
            http.url() + "/_utils/session.html?return=%2F_all_dbs"
                + "&reason=You%20are%20not%20a%20server%20admin.");
  }

  @Test
  void feed_userLosesAccess_endsWithinSeconds() throws Exception {
    Service service = start();
    createUser(service, "anna", "a");
    Http admin = as(service, "admin:5ecret");
    admin.put("/db", "");
    assertThat(admin.put("/db/_security", SECURITY).status()).isEqualTo(200);
    try (HttpConnection connection = service.http().connect()) {
      connection.send(
          "GET",
          "/db/_changes?feed=continuous&heartbeat=1000",
          List.of("Authorization: Basic "
              + Base64.getEncoder().encodeToString("anna:a".getBytes(StandardCharsets.UTF_8))));
      HttpAnswer feed = connection.answer();
      assertThat(feed.status()).isEqualTo(200);

      admin.put("/db/_security", "{\"members\":{\"names\":[\"ben\"]}}");
      long begin = System.nanoTime();

      assertThat(feed.text()).contains("\"last_seq\"");
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    }
  }

  @Test
  void actuator_healthIsOpen_metricsNeedARole() {
    Service service = start();
    createUser(service, "anna", "a");
    as(service, "admin:5ecret")
        .put(
            "/_users/org.couchdb.user:watch",
            "{\"name\":\"watch\",\"password\":\"w\",\"type\":\"user\",\"roles\":[\"_metrics\"]}");

    assertThat(service.http().get("/actuator/health/liveness").status()).isEqualTo(200);
    assertThat(service.http().get("/actuator/prometheus").status()).isEqualTo(401);
    assertThat(as(service, "anna:a").get("/actuator/prometheus").status()).isEqualTo(401);
    assertThat(as(service, "watch:w").get("/actuator/prometheus").status()).isEqualTo(200);
    assertThat(as(service, "watch:w").get("/_all_dbs").status()).isEqualTo(401);
  }

  @Test
  void administrator_inAFile_logsIn() throws Exception {
    Path secrets = Files.createDirectory(directory.resolve("secrets"));
    Files.writeString(secrets.resolve("divan.admins.root"), "topsecret\n");
    Service service =
        Service.start(
            directory.resolve("data"),
            "--spring.config.import=configtree:" + secrets + "/",
            "--divan.authentication.iterations=1");
    services.add(service);

    assertThat(as(service, "root:topsecret").get("/_all_dbs").status()).isEqualTo(200);
    assertThat(service.http().get("/_all_dbs").status()).isEqualTo(401);
  }

  @Test
  void services_overOneStore_shareSecretsAndUsers() {
    // The second service opens the store that the first has left: what it knows is stored.
    Service first = start();
    createUser(first, "anna", "a");
    String cookie = cookie(logIn(first.http(), "anna", "a"));
    as(first, "admin:5ecret")
        .put("/_node/_local/_config/chttpd_auth/timeout", "\"1200\"");
    first.close();
    services.clear();

    Service second = start();

    assertThat(second.http().get("/_session", "Cookie: " + cookie).text())
        .contains("\"name\":\"anna\"");
    assertThat(logIn(second.http(), "anna", "a").header("Set-Cookie").orElseThrow())
        .contains("Max-Age=1200");
  }

  @Test
  void actuator_onAPortOfItsOwn_asksToo() {
    Service service =
        start("--management.server.port=0", "--management.server.address=127.0.0.1");
    String port =
        service.part(Environment.class).getRequiredProperty("local.management.port");
    Http nobody = new Http("http://127.0.0.1:" + port);
    Http admin = new Http("http://admin:5ecret@127.0.0.1:" + port);

    assertThat(nobody.get("/actuator/health").status()).isEqualTo(200);
    assertThat(nobody.get("/actuator/prometheus").status()).isEqualTo(401);
    assertThat(nobody.get("/actuator/%70rometheus").status()).isEqualTo(401);
    assertThat(nobody.get("/actuator//prometheus").status()).isIn(401, 404);
    assertThat(admin.get("/actuator/prometheus").status()).isEqualTo(200);
  }

  @Test
  void bounds_ofIterations_doNotLockAdministratorsOut() {
    Service service = start();
    createUser(service, "anna", "5ecret");
    Http admin = as(service, "admin:5ecret");
    String bound = "/_node/_local/_config/chttpd_auth/min_iterations";
    assertThat(admin.put(bound, "\"1000\"").status()).isEqualTo(200);
    service.close();
    services.clear();

    Service again = start();

    assertThat(as(again, "anna:5ecret").get("/").text())
        .contains("Iteration count is too low for this server");
    assertThat(as(again, "admin:5ecret").delete(bound).status()).isEqualTo(200);
    assertThat(as(again, "anna:5ecret").get("/").status()).isEqualTo(200);
  }

  @Test
  void users_createdAgain_haveTheirDesignDocument() {
    Http admin = as(start(), "admin:5ecret");

    assertThat(admin.delete("/_users").status()).isEqualTo(200);
    assertThat(admin.put("/_users", "").status()).isEqualTo(201);

    assertThat(admin.get("/_users/_design/_auth").status()).isEqualTo(200);
  }
}

package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** {@code _users} over HTTP: signing up, databases of single users, and the audit log. */
@ExtendWith(OutputCaptureExtension.class)
class UsersDatabaseTest {
  private static final Duration SOON = Duration.ofSeconds(60);

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

  private static String id(String name) {
    return "/_users/org.couchdb.user:" + name;
  }

  private static String user(String name, String roles) {
    return "{\"name\":\"" + name + "\",\"password\":\"p\",\"type\":\"user\",\"roles\":" + roles
        + ",\"nick\":\"" + name + "ie\"}";
  }

  @Test
  void users_byDefault_areForAdministratorsOnly() {
    Service service = start();
    assertThat(as(service, "admin:5ecret").put(id("ann"), user("ann", "[]")).status())
        .isEqualTo(201);

    assertThat(service.http().put(id("bob"), user("bob", "[]")).status()).isEqualTo(401);
    assertThat(as(service, "ann:p").get(id("ann")).status()).isEqualTo(403);
    HttpAnswer locked = as(service, "admin:5ecret").put("/_users/_security", "{}");
    assertThat(locked.status()).isEqualTo(403);
    assertThat(locked.text())
        .contains("You can't edit the security object of the user database.");
  }

  @Test
  void users_open_signUpAndEditTheirOwnDocument() {
    Service service = start("--divan.users.open=true", "--divan.users.public-fields=nick");
    Http nobody = service.http();

    assertThat(nobody.put(id("ann"), user("ann", "[]")).status()).isEqualTo(201);
    assertThat(nobody.put(id("bob"), user("bob", "[\"boss\"]")).text())
        .contains("Only _admin may set roles");
    assertThat(nobody.put(id("bob"), user("bob", "[]")).status()).isEqualTo(201);

    Http ann = as(service, "ann:p");
    HttpAnswer own = ann.get(id("ann"));
    assertThat(own.status()).isEqualTo(200);
    assertThat(own.text()).contains("\"derived_key\"").doesNotContain("\"password\"");
    assertThat(ann.get(id("bob")).text())
        .contains("\"nick\":\"bobie\"")
        .doesNotContain("derived_key");
    String etag = own.header("ETag").orElseThrow();
    assertThat(ann.put(id("ann"), user("ann", "[\"boss\"]"), "If-Match: " + etag).text())
        .contains("Only _admin may edit roles");
    assertThat(ann.put(id("ann"), user("ann", "[]"), "If-Match: " + etag).status())
        .isEqualTo(201);
    assertThat(ann.put(id("cid"), user("cid", "[]")).status()).isEqualTo(404);
    assertThat(ann.get("/_users/_all_docs").status()).isEqualTo(401);
    assertThat(ann.get("/_users/_changes").status()).isEqualTo(401);
    assertThat(ann.get("/_users/_design/_auth").status()).isEqualTo(403);
    assertThat(ann.put("/_users/_design/x", "{}").status()).isIn(403, 404);
    assertThat(ann.post("/_users/_purge", "{}").status()).isEqualTo(401);
    HttpAnswer bulk =
        ann.post(
            "/_users/_bulk_docs",
            "{\"new_edits\":false,\"docs\":[{\"_id\":\"org.couchdb.user:bob\",\"_rev\":\"9-a\","
                + "\"name\":\"bob\",\"type\":\"user\",\"roles\":[\"_admin\"]}]}");
    assertThat(bulk.text()).doesNotContain("\"ok\"");
    assertThat(as(service, "admin:5ecret").get(id("bob")).text()).contains("\"roles\":[]");
  }

  @Test
  void databaseOfAUser_comesAndGoes_alsoAfterAStop() {
    Service first =
        start(
            "--divan.per-user-databases.enabled=true",
            "--divan.per-user-databases.delete-databases=true");
    as(first, "admin:5ecret").put(id("ann"), user("ann", "[]"));
    String database = "/userdb-616e6e";

    Awaitility.await().atMost(SOON).until(() -> as(first, "ann:p").get(database).status() == 200);
    assertThat(as(first, "admin:5ecret").get(database + "/_security").text())
        .contains("\"names\":[\"ann\"]");
    first.close();
    services.clear();

    Service off = start();
    String etag = as(off, "admin:5ecret").head(id("ann")).header("ETag").orElseThrow();
    as(off, "admin:5ecret").delete(id("ann"), "If-Match: " + etag);
    as(off, "admin:5ecret").put(id("bob"), user("bob", "[]"));
    assertThat(as(off, "admin:5ecret").get(database).status()).isEqualTo(200);
    off.close();
    services.clear();

    Service again =
        start(
            "--divan.per-user-databases.enabled=true",
            "--divan.per-user-databases.delete-databases=true");
    Awaitility.await()
        .atMost(SOON)
        .until(
            () -> as(again, "admin:5ecret").get(database).status() == 404
                && as(again, "bob:p").get("/userdb-626f62").status() == 200);
  }

  @Test
  void settings_opened_applyToNewDatabasesAndLists() {
    Service service =
        start(
            "--divan.access.default-security=everyone", "--divan.access.admin-only-all-dbs=false");
    as(service, "admin:5ecret").put("/db", "");

    assertThat(service.http().put("/db/doc", "{}").status()).isEqualTo(201);
    assertThat(service.http().put("/db/_design/d", "{}").status()).isEqualTo(401);
    assertThat(service.http().get("/_all_dbs").status()).isEqualTo(200);
    assertThat(service.http().get("/_users").status()).isEqualTo(401);
  }

  @Test
  void oldHash_isAcceptedAndUpgraded() {
    Service service = start();
    // SHA-1 of "p" and "salt", as CouchDB before 1.3 stored it.
    as(service, "admin:5ecret")
        .put(
            id("old"),
            "{\"name\":\"old\",\"type\":\"user\",\"roles\":[],\"salt\":\"salt\","
                + "\"password_sha\":\"" + sha1("psalt") + "\"}");

    assertThat(as(service, "old:p").get("/_session").text()).contains("\"name\":\"old\"");

    Awaitility.await()
        .atMost(SOON)
        .until(
            () -> as(service, "admin:5ecret")
                .get(id("old"))
                .text()
                .contains("\"pbkdf2_prf\":\"sha256\",\"salt\":\"salt\""));
    assertThat(as(service, "old:p").get("/_session").status()).isEqualTo(200);
  }

  private static String sha1(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-1")
                  .digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void audit_hasOneLineForEachEvent(CapturedOutput output) {
    Service service = start("--logging.level.divan.audit=info");
    Http admin = as(service, "admin:5ecret");
    admin.put(id("ann"), user("ann", "[]"));
    admin.put("/db", "");
    admin.put("/db/_security", "{}");
    for (int i = 0; i < 6; i++) {
      as(service, "ann:wrong").get("/");
    }

    assertThat(output.getAll().lines().filter(line -> line.contains("event=")))
        .anyMatch(line -> line.endsWith(
            "event=user_changed id=\"org.couchdb.user:ann\" by=\"admin\""))
        .anyMatch(line -> line.endsWith("event=security_changed database=\"db\" by=\"admin\""))
        .anyMatch(line -> line.endsWith(
            "event=login_failed name=\"ann\" address=\"127.0.0.1\" handler=default"))
        .anyMatch(line -> line.endsWith("event=locked_out name=\"ann\" address=\"127.0.0.1\""));
    assertThat(output.getAll()).doesNotContain("wrong");
  }
}

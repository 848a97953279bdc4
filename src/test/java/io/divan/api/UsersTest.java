package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The database {@code _users} over HTTP, as CouchDB's tests {@code users_db_test} and {@code
 * users_db_security_test} use it: closed by default, and opened by its security object.
 */
class UsersTest {
  private static final String TOM = "/_users/org.couchdb.user:tom";
  private static final String ANN = "/_users/org.couchdb.user:ann";
  private static final String EDITABLE =
      "/_node/_local/_config/couchdb/users_db_security_editable";
  private static final String FIELDS = "/_node/_local/_config/chttpd_auth/public_fields";
  private static final String OPEN = "/_node/_local/_config/chttpd_auth/users_db_public";
  private static final String LOCKED =
      "{\"error\":\"forbidden\",\"reason\":\"You can't edit the security object of the user"
          + " database.\"}\n";
  private static final String MISSING = "{\"error\":\"not_found\",\"reason\":\"missing\"}\n";
  private static final String NOT_ADMIN =
      "{\"error\":\"unauthorized\",\"reason\":\"You are not a server admin.\"}\n";

  @TempDir static Path directory;
  private static Service service;
  private static Http admin;
  private static Http nobody;
  private static Http tom;
  private static Http ann;

  @BeforeAll
  static void start() {
    service =
        Service.start(
            directory, "--divan.admins.admin=secret", "--divan.authentication.iterations=1");
    nobody = service.http();
    admin = as("admin:secret");
    tom = as("tom:t");
    ann = as("ann:a");
  }

  private static Http as(String credentials) {
    return new Http("http://" + credentials + "@127.0.0.1:" + service.port());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static String user(String name, String password, String more) {
    return "{\"type\":\"user\",\"name\":\"" + name + "\",\"roles\":[],\"password\":\"" + password
        + "\"" + more + "}";
  }

  private static void expect(HttpAnswer answer, int status) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
  }

  private static String revision(Http http, String path) {
    HttpAnswer answer = http.get(path);
    expect(answer, 200);
    return answer.text().replaceFirst("(?s).*\"_rev\":\"([^\"]*)\".*", "$1");
  }

  @BeforeEach
  void closeAndCreateUsers() {
    admin.delete(FIELDS);
    admin.delete(OPEN);
    expect(admin.put(EDITABLE, "\"true\""), 200);
    expect(
        admin.put(
            "/_users/_security",
            "{\"admins\":{\"roles\":[\"_admin\"]},\"members\":{\"roles\":[\"_admin\"]}}"),
        200);
    for (String path : List.of(TOM, ANN)) {
      HttpAnswer known = admin.get(path);
      if (known.status() == 200) {
        expect(admin.delete(path + "?rev=" + revision(admin, path)), 200);
      }
    }
    expect(admin.put(TOM, user("tom", "t", ",\"color\":1")), 201);
    expect(admin.put(ANN, user("ann", "a", "")), 201);
    expect(admin.delete(EDITABLE), 200);
  }

  /** Lets everybody in who knows the address, as an administrator does who wants sign-ups. */
  private static void openToEveryone() {
    expect(admin.put(EDITABLE, "\"true\""), 200);
    expect(admin.put("/_users/_security", "{\"admins\":{},\"members\":{}}"), 200);
  }

  @Test
  void security_isLockedUnlessEditable() {
    for (Http http : List.of(admin, nobody, tom)) {
      HttpAnswer answer = http.put("/_users/_security", "{}");
      assertThat(answer.text())
          .as("also for administrators")
          .isEqualTo(http == admin ? LOCKED : answer.text());
      assertThat(answer.status()).isIn(401, 403);
    }
    openToEveryone();
    expect(tom.put("/_users/_security", "{}"), 403);
    expect(admin.put("/_users/_security", "{}"), 200);
  }

  @Test
  void closed_onlyAdministratorsGetIn() {
    expect(nobody.get(TOM), 401);
    expect(tom.get(TOM), 403);
    expect(nobody.put("/_users/org.couchdb.user:new", user("new", "n", "")), 401);
    expect(tom.put(TOM, user("tom", "x", "")), 403);
    expect(tom.get("/_users"), 403);
    expect(admin.get("/_users/_design/_auth"), 200);
  }

  @Test
  void usersDbPublic_opensWithoutAnotherSecurityObject() {
    expect(admin.put(OPEN, "\"true\""), 200);

    expect(tom.get(TOM), 200);
    expect(ann.get(TOM), 404);
    expect(nobody.post("/_users", user("tom", "x", "").replace("{", "{\"_id\":\"x\",")), 403);
    assertThat(nobody.get("/_users/_all_docs").text()).isEqualTo(NOT_ADMIN);
  }

  @Test
  void open_peopleSignUpAndSeeThemselvesOnly() {
    openToEveryone();
    String path = "/_users/org.couchdb.user:new";
    HttpAnswer signed = nobody.put(path, user("new", "n", ""));
    assertThat(signed.status()).isIn(201, 409); // another test's user of that name
    Http own = as("new:n");

    assertThat(own.get(path).text()).contains("derived_key").doesNotContain("\"password\"");
    for (Http other : List.of(nobody, tom)) {
      assertThat(other.get(path).text()).isEqualTo(MISSING);
      assertThat(other.get(path + "?open_revs=all").text()).isEqualTo(MISSING);
      assertThat(other.get(path + "?rev=" + revision(own, path)).text()).isEqualTo(MISSING);
      assertThat(
          other
              .send("COPY", path, copyHeaders(other, "org.couchdb.user:copy"), Optional.empty())
              .text())
          .isEqualTo(MISSING);
      assertThat(
          other
              .post("/_users/_bulk_get", "{\"docs\":[{\"id\":\"org.couchdb.user:new\"}]}")
              .text())
          .isEqualTo(
              "{\"results\":[{\"id\":\"org.couchdb.user:new\",\"docs\":[{\"error\":{\"id\":"
                  + "\"org.couchdb.user:new\",\"rev\":\"undefined\",\"error\":\"not_found\","
                  + "\"reason\":\"missing\"}}]}]}\n");
      assertThat(other.delete(path + "?rev=" + revision(own, path)).text()).isEqualTo(MISSING);
    }
    expect(own.delete(path + "?rev=" + revision(own, path)), 200);
    expect(own.get("/_session"), 401);
  }

  private static List<String> copyHeaders(Http http, String destination) {
    List<String> headers = new ArrayList<>(http.credentials());
    headers.add("Destination: " + destination);
    return headers;
  }

  @Test
  void open_listsAndDesignDocumentsAreForAdministrators() {
    openToEveryone();

    for (Http other : List.of(nobody, tom)) {
      assertThat(other.get("/_users/_all_docs?include_docs=true").text()).isEqualTo(NOT_ADMIN);
      assertThat(other.post("/_users/_all_docs", "{\"keys\":[]}").text()).isEqualTo(NOT_ADMIN);
      assertThat(other.get("/_users/_changes?include_docs=true").text()).isEqualTo(NOT_ADMIN);
      HttpAnswer design = other.get("/_users/_design/_auth");
      assertThat(design.status()).isEqualTo(403);
      assertThat(design.text())
          .contains("Only administrators can view design docs in the users database.");
    }
    assertThat(admin.get("/_users/_all_docs?include_docs=true").text()).contains("derived_key");
  }

  @Test
  void open_ownDocumentIsEditableButNotItsRoles() {
    openToEveryone();
    String revision = revision(tom, TOM);

    assertThat(
        tom.put(
            TOM,
            "{\"_rev\":\"" + revision
                + "\",\"type\":\"user\",\"name\":\"tom\",\"roles\":[\"boss\"]}")
            .text())
        .isEqualTo("{\"error\":\"forbidden\",\"reason\":\"Only _admin may edit roles\"}\n");
    expect(tom.put(TOM, user("tom", "t2", ",\"_rev\":\"" + revision + "\"")), 201);
    expect(tom.get("/_session"), 401);
    expect(as("tom:t2").get("/_session"), 200);
    expect(ann.put(TOM, user("tom", "x", ",\"_rev\":\"" + revision + "\"")), 404);
  }

  @Test
  void publicFields_areSeenByOthers() {
    openToEveryone();
    expect(admin.put(FIELDS, "\"name, color\""), 200);

    assertThat(ann.get(TOM).text())
        .matches("\\{\"_id\":\"org.couchdb.user:tom\",\"_rev\":\"[^\"]*\",\"name\":\"tom\","
            + "\"color\":1}\n");
    assertThat(ann.get(TOM + "?open_revs=all", "Accept: application/json").text())
        .contains("\"color\":1")
        .doesNotContain("derived_key");
    assertThat(tom.get(TOM).text()).contains("derived_key");
  }

  @Test
  void administratorOfUsers_editsEverybody() {
    expect(admin.put(EDITABLE, "\"true\""), 200);
    expect(
        admin.put(
            "/_users/_security", "{\"admins\":{\"names\":[\"ann\"]},\"members\":{}}"),
        200);

    assertThat(ann.get(TOM).text()).contains("derived_key");
    expect(
        ann.put(
            TOM,
            "{\"_rev\":\"" + revision(ann, TOM)
                + "\",\"type\":\"user\",\"name\":\"tom\",\"roles\":[\"staff\"]}"),
        201);
    assertThat(ann.delete(TOM + "?rev=" + revision(ann, TOM)).text())
        .as("as in CouchDB, for server administrators and the user only")
        .contains("Only admins may delete other user docs.");
  }
}

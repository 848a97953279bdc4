package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Secrets;
import io.divan.Service;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing up in a {@code _users} database that is open to everyone. */
class SignUpTest {
  private static final String PASSWORD = "admin-" + Secrets.MARK;

  @TempDir static Path directory;

  private static Service service;

  @BeforeAll
  static void start() {
    service =
        Service.start(
            directory,
            "--divan.admins.admin=" + PASSWORD,
            "--divan.authentication.iterations=1",
            "--divan.users.open=true");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static String user(String name, String more) {
    return "{\"_id\":\"org.couchdb.user:" + name + "\",\"name\":\"" + name
        + "\",\"type\":\"user\",\"roles\":[],\"password\":\"" + name + "-" + Secrets.MARK + "\""
        + more + "}";
  }

  @Test
  void signUp_replicatedByAnonymous_leavesKnownUsersAlone() {
    Http http = service.http();
    Http admin = new Http("http://admin:" + PASSWORD + "@127.0.0.1:" + service.port());
    String target = "/_users/org.couchdb.user:anna";
    assertThat(http.put(target, user("anna", "")).status()).isEqualTo(201);
    String before = admin.get(target + "?conflicts=true").text();

    HttpAnswer one = http.put(target + "?new_edits=false", user("anna", ",\"_rev\":\"9-a\""));
    HttpAnswer path =
        http.put(
            target + "?new_edits=false",
            user("anna", ",\"_revisions\":{\"start\":2,\"ids\":[\"b\",\"a\"]}"));
    HttpAnswer many =
        http.post(
            "/_users/_bulk_docs",
            "{\"new_edits\":false,\"docs\":[" + user("anna", ",\"_rev\":\"9-a\"") + "]}");

    assertThat(one.status()).isEqualTo(403);
    assertThat(path.status()).isEqualTo(403);
    assertThat(many.text()).contains("forbidden");
    assertThat(admin.get(target + "?conflicts=true").text()).isEqualTo(before);
  }
}

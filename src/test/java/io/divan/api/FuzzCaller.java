package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Secrets;
import io.divan.Service;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/** On whose behalf the fuzzer sends requests, with the credentials of each kind. */
final class FuzzCaller {
  static final String ADMIN_PASSWORD = "admin-" + Secrets.MARK;
  static final String TOKEN_KEY = "key-of-tokens-for-tests-" + Secrets.MARK;
  static final String PROXY_SECRET = "proxies-" + Secrets.MARK;

  private static final long EXPIRES = 4_000_000_000L;

  private final Service service;
  private final Optional<String> name;
  private Optional<String> cookie = Optional.empty();

  /** A caller without a name is anonymous. */
  FuzzCaller(Service service, Optional<String> name) {
    this.service = service;
    this.name = name;
  }

  static Http admin(Service service) {
    return new Http("http://admin:" + ADMIN_PASSWORD + "@127.0.0.1:" + service.port());
  }

  Optional<String> name() {
    return name;
  }

  static String password(String name) {
    return name + "-" + Secrets.MARK;
  }

  static String user(String name, String phone) {
    return "{\"name\":\"" + name + "\",\"password\":\"" + password(name)
        + "\",\"type\":\"user\",\"roles\":[\"staff\"],\"phone\":\"" + phone + "\"}";
  }

  static String id(String name) {
    return "org.couchdb.user:" + name;
  }

  /** Adds valid credentials to a request; none if the caller is anonymous. */
  FuzzRequest authenticated(FuzzRequest request, Random random) {
    if (name.isEmpty()) {
      return request;
    }
    return switch (random.nextInt(4)) {
      case 0 -> request.with("Cookie: " + cookie.orElseThrow());
      case 1 -> request.with("Authorization: Bearer " + token(name.get()));
      default -> request.with("Authorization: Basic " + basic(name.get(), password(name.get())));
    };
  }

  static String basic(String name, String password) {
    return Base64.getEncoder()
        .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  /** A JSON Web Token of the caller. */
  String token() {
    return token(name.orElseThrow());
  }

  private static String token(String name) {
    String claims = "{\"sub\":\"" + name + "\",\"exp\":" + EXPIRES
        + ",\"_couchdb.roles\":[\"staff\"]}";
    String signed = base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + "." + base64(claims);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(TOKEN_KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return signed + "." + Base64.getUrlEncoder().withoutPadding()
          .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The session cookie; empty text if there is none. */
  String cookie() {
    return cookie.orElse("");
  }

  /** Checks who the caller is, and repairs an account that the caller itself has broken. */
  void logInAgain() {
    if (name.isEmpty()) {
      return;
    }
    HttpAnswer session = session();
    if (session.status() != 200) {
      repair();
      session = session();
    }
    assertThat(session.status()).as(session.text()).isEqualTo(200);
    JsonNode user = session.json().get("userCtx");
    assertThat(user.get("name").stringValue()).isEqualTo(name.get());
    assertThat(user.get("roles").toString()).isEqualTo("[\"staff\"]");
    HttpAnswer in =
        service.http()
            .post(
                "/_session",
                "{\"name\":\"" + name.get() + "\",\"password\":\"" + password(name.get())
                    + "\"}");
    assertThat(in.status()).as(in.text()).isEqualTo(200);
    cookie = in.header("Set-Cookie").map(text -> text.substring(0, text.indexOf(';')));
  }

  private HttpAnswer session() {
    return service.http()
        .get(
            "/_session",
            "Authorization: Basic " + basic(name.orElseThrow(), password(name.orElseThrow())));
  }

  /** Deletes all leaves of the user document, and creates it again. */
  private void repair() {
    String target = "/_users/" + id(name.orElseThrow());
    Http admin = admin(service);
    HttpAnswer leaves = admin.get(target + "?open_revs=all", "Accept: application/json");
    for (JsonNode leaf : leaves.status() == 200 ? leaves.json() : List.<JsonNode>of()) {
      if (!leaf.get("ok").has("_deleted")) {
        String revision = leaf.get("ok").get("_rev").stringValue();
        HttpAnswer deleted = admin.delete(target + "?rev=" + revision);
        assertThat(deleted.status()).as(deleted.text()).isEqualTo(200);
      }
    }
    HttpAnswer created = admin.put(target, user(name.orElseThrow(), "1"));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
  }
}

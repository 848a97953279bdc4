package io.divan.api;

import io.divan.Secrets;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/**
 * Generates requests of a caller with few permissions: valid ones for its databases, and attempts
 * to read and change what it may not.
 */
final class FuzzCallerRequests {
  private static final String JSON = "Content-Type: application/json";
  private static final String FORM = "Content-Type: application/x-www-form-urlencoded";

  /** Requests of the server, as {@code METHOD TARGET BODY}; the body may be missing. */
  private static final List<String> SERVER =
      List.of(
          "GET /_session", "GET /_session?basic=true", "DELETE /_session", "HEAD /_session",
          "GET /_all_dbs", "GET /_dbs_info", "POST /_dbs_info {\"keys\":[\"private\"]}",
          "GET /_active_tasks", "GET /_membership", "GET /_up", "GET /", "GET /_uuids",
          "GET /_node/_local", "GET /_node/_local/_config", "GET /_node/_local/_config/admins",
          "GET /_node/_local/_config/chttpd_auth/secret", "GET /_node/_local/_versions",
          "PUT /_node/_local/_config/admins/eve \"eve\"",
          "PUT /_node/_local/_config/chttpd_auth/users_db_public \"true\"",
          "PUT /_node/_local/_config/couchdb/max_document_size \"1\"",
          "DELETE /_node/_local/_config/admins/admin",
          "PUT /_node/nonode@nohost/_config/log/level \"debug\"",
          "POST /_node/_local/_config/_reload {}", "GET /_node/_local/_stats",
          "POST /_node/_local/_restart {}", "GET /_cluster_setup",
          "POST /_cluster_setup {\"action\":\"enable_single_node\",\"username\":\"eve\","
              + "\"password\":\"eve\",\"bind_address\":\"127.0.0.1\",\"port\":1}",
          "POST /_cluster_setup {\"action\":\"finish_cluster\"}",
          "POST /_cluster_setup {\"action\":\"add_node\",\"host\":\"a\"}",
          "POST /_replicate {\"source\":\"private\",\"target\":\"fuzz0\"}",
          "GET /_db_updates", "GET /_scheduler/jobs", "GET /_reshard", "GET /_utils/",
          "GET /actuator/prometheus", "GET /actuator/env", "GET /actuator/health",
          "GET /actuator", "POST /actuator/shutdown", "GET /actuator/health/readiness",
          "DELETE /fuzz0", "DELETE /fuzz1", "PUT /fuzz9", "PUT /private", "DELETE /private",
          "PUT /_replicator", "PUT /_users", "DELETE /_users", "PUT /_global_changes",
          "GET /private", "GET /private/_all_docs?include_docs=true", "GET /private/_local/l0",
          "GET /private/_changes?include_docs=true", "GET /private/_security",
          "POST /private/_bulk_get {\"docs\":[{\"id\":\"d0\"}]}",
          "POST /private/_all_docs/queries {\"queries\":[{\"include_docs\":true}]}",
          "POST /private/_find {\"selector\":{}}");

  /** Requests of a database that only its administrators may make. */
  private static final List<String> ADMINISTRATION =
      List.of(
          "PUT /_security {\"admins\":{\"names\":[\"NAME\"]},\"members\":{\"roles\":[]}}",
          "PUT /_revs_limit 1", "PUT /_purged_infos_limit 1", "POST /_purge {\"d0\":[\"1-a\"]}",
          "POST /_compact {}", "POST /_compact/v {}", "POST /_view_cleanup {}",
          "POST /_sync_shards {}", "PUT /_design/v {}", "DELETE /_design/v?rev=1-a",
          "PUT /_design/d1 {\"validate_doc_update\":\"x\"}", "POST / {\"_id\":\"_design/e\"}",
          "POST /_bulk_docs {\"docs\":[{\"_id\":\"_design/v\"},{\"_id\":\"_design/e\"}]}",
          "POST /_bulk_docs {\"new_edits\":false,\"docs\":[{\"_id\":\"_design/v\","
              + "\"_rev\":\"9-abc\"}]}",
          "PUT /_design/v?new_edits=false {\"_rev\":\"9-abc\"}", "COPY /d0 _design/e",
          "COPY /d0 _design/v?rev=1-a", "PUT /_design/v/attachment {}",
          "PUT /_design%2Fv {\"_rev\":\"1-a\"}", "PUT /_design%2fe {}",
          "PUT /_design/_design/e {}", "POST /_index {\"index\":{\"fields\":[\"a\"]}}");

  /** Requests of the database of the users. */
  private static final List<String> USERS =
      List.of(
          "GET /_users", "GET /_users/_all_docs?include_docs=true", "GET /_users/_changes",
          "GET /_users/_local_docs", "GET /_users/_design/_auth", "GET /_users/_security",
          "GET /_users/ID", "GET /_users/ID?open_revs=all", "GET /_users/ID?revs=true&meta=true",
          "GET /_users/ID?attachments=true&conflicts=true", "HEAD /_users/ID", "DELETE /_users/ID",
          "PUT /_users/ID DOC", "PUT /_users/ID DOC", "POST /_users DOC", "COPY /_users/ID new0",
          "PUT /_users/ID?new_edits=false DOC", "PUT /_users/ID?batch=ok DOC",
          "POST /_users/_bulk_docs {\"docs\":[DOC]}",
          "POST /_users/_bulk_docs {\"docs\":[DOC],\"new_edits\":false}",
          "POST /_users/_bulk_get {\"docs\":[{\"id\":\"ID\"}]}",
          "POST /_users/_revs_diff {\"ID\":[\"1-a\"]}",
          "POST /_users/_all_docs {\"keys\":[\"ID\"],\"include_docs\":true}",
          "POST /_users/_changes {\"doc_ids\":[\"ID\"]}",
          "POST /_users/_find {\"selector\":{\"name\":{\"$gt\":null}}}",
          "POST /_users/_purge {\"ID\":[\"1-a\"]}", "PUT /_users/_local/l0 {}",
          "COPY /_users/ID _local/copy", "COPY /_users/ID org.couchdb.user:new1",
          "PUT /_users/_design/_auth {}");
  private static final List<String> NAMES =
      List.of("NAME", "NAME", "other", "dbadmin", "admin", "new0", "new1", "new2", "_system");
  private static final List<String> ROLES =
      List.of("[]", "[\"staff\"]", "[\"_admin\"]", "[\"other\"]", "[\"_metrics\"]", "1", "[1]");
  private static final List<String> USER_MEMBERS =
      List.of(
          "\"iterations\":1", "\"password_scheme\":\"simple\"", "\"derived_key\":\"ab\"",
          "\"salt\":\"x\"", "\"pbkdf2_prf\":\"sha256\"", "\"password\":\"x\"", "\"password\":1",
          "\"totp\":{\"key\":\"GEZDGNBV\"}", "\"totp\":1", "\"password_scheme\":\"pbkdf2\"",
          "\"preserve_salt\":true", "\"type\":\"admin\"", "\"_deleted\":true", "\"n\":1",
          "\"_rev\":\"1-a\"", "\"_rev\":\"9-b\"", "\"password_sha\":\"\"", "\"roles\":null",
          "\"_revisions\":{\"start\":3,\"ids\":[\"c\",\"b\",\"a\"]}");

  private final Random random;
  private final FuzzRequests valid;
  private final FuzzCaller caller;

  FuzzCallerRequests(Random random, FuzzRequests valid, FuzzCaller caller) {
    this.random = random;
    this.valid = valid;
    this.caller = caller;
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /**
   * The next request.
   *
   * @param revisionOf the current revision of a document of {@code _users}
   */
  FuzzRequest next(Function<String, Optional<String>> revisionOf) {
    FuzzRequest request =
        switch (random.nextInt(12)) {
          case 0, 1 -> request(one(SERVER));
          case 2, 3 -> administration();
          case 4, 5 -> users(revisionOf);
          case 6 -> elsewhere(valid.next());
          case 7 -> login();
          case 8 -> design(valid.next());
          default -> valid.next();
        };
    FuzzRequest whole = caller.authenticated(request, random);
    return random.nextInt(8) == 0 ? forged(whole) : whole;
  }

  private FuzzRequest request(String line) {
    String[] parts = line.split(" ", 3);
    FuzzRequest request =
        new FuzzRequest(
            parts[0], parts[1], List.of(), Optional.empty(), FuzzRequest.Framing.LENGTH);
    if (parts.length == 2) {
      return request;
    }
    return parts[0].equals("COPY")
        ? request.with("Destination: " + parts[2])
        : request.with(JSON).withBody(parts[2].getBytes(StandardCharsets.UTF_8));
  }

  private FuzzRequest administration() {
    String db = one(List.of("fuzz0", "fuzz1", "private", "_users"));
    return request(
        one(ADMINISTRATION)
            .replaceFirst(" /", " /" + db + "/")
            .replace("NAME", caller.name().orElse("nobody")));
  }

  private FuzzRequest users(
      Function<String, Optional<String>> revisionOf) {
    String name = one(NAMES).replace("NAME", caller.name().orElse("new3"));
    String id = FuzzCaller.id(name);
    StringBuilder document = new StringBuilder("{\"_id\":\"" + id + "\",\"type\":\"user\"");
    document.append(",\"name\":\"").append(random.nextInt(8) == 0 ? "other" : name);
    document.append("\",\"roles\":");
    document.append(random.nextInt(2) == 0 ? one(ROLES) : own(name) ? "[\"staff\"]" : "[]");
    if (random.nextInt(3) > 0) {
      document.append(",\"password\":\"").append(FuzzCaller.password(name)).append('"');
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      document.append(',').append(one(USER_MEMBERS));
    }
    if (random.nextInt(3) > 0) {
      revisionOf.apply(name)
          .ifPresent(revision -> document.append(",\"_rev\":\"").append(revision).append('"'));
    }
    return request(one(USERS).replace("ID", id).replace("DOC", document + "}"));
  }

  private boolean own(String name) {
    return caller.name().filter(name::equals).isPresent();
  }

  /** Sends a request to a database that is not the caller's. */
  private FuzzRequest elsewhere(FuzzRequest request) {
    String target =
        one(
            List.of(
                "/private", "/_users", "//private", "/fuzz0/../private", "/fuzz0/%2e%2e/private",
                "/fuzz0%2F..%2Fprivate", "/private;x=1", "/%70rivate", "/_users/", "/./private"));
    return request.withTarget(request.target().replaceFirst("^/fuzz[01]", target));
  }

  /** Puts design documents in the place of documents. */
  private FuzzRequest design(FuzzRequest request) {
    String design = one(List.of("_design/v", "_design/d1", "_design%2Fv", "_design/../_design/v"));
    FuzzRequest other = request.withTarget(request.target().replaceFirst("/d[0-9]+", "/" + design));
    boolean plain = other.header("Content-Encoding").isEmpty();
    return other.body().isEmpty() || !plain
        ? other
        : other.withBody(
            new String(other.body().get(), StandardCharsets.UTF_8)
                .replaceAll("\"d[0-9]+\"", "\"_design/v\"")
                .getBytes(StandardCharsets.UTF_8));
  }

  private FuzzRequest login() {
    String name = one(NAMES).replace("NAME", caller.name().orElse("nobody"));
    String known = name.startsWith("new") || own(name) ? FuzzCaller.password(name) : "x";
    String password = random.nextInt(3) == 0 ? one(List.of("", "é", "x".repeat(9_000))) : known;
    String target = "/_session" + one(List.of("", "", "?next=/fuzz0", "?fail=/x", "?next=//evil"));
    if (random.nextBoolean()) {
      String member = one(List.of("name", "username"));
      return request(
          "POST " + target + " {\"" + member + "\":\"" + name + "\",\"password\":\"" + password
              + "\",\"token\":\"123456\"}");
    }
    String form = "name=" + name + "&password=" + password + "&token=1%";
    return request("POST " + target)
        .with(FORM)
        .withBody(form.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Adds credentials that are wrong: malformed, of others, or forged. */
  private FuzzRequest forged(FuzzRequest request) {
    List<String> lines = new ArrayList<>(request.headers());
    if (random.nextBoolean()) {
      lines.removeIf(line -> line.startsWith("Authorization:") || line.startsWith("Cookie:"));
    }
    lines.add(random.nextInt(lines.size() + 1), forgedHeader());
    return request.withHeaders(lines);
  }

  private String forgedHeader() {
    return switch (random.nextInt(7)) {
      case 0 -> "Cookie: AuthSession=" + forgedCookie();
      case 1 -> "Cookie: a=b; AuthSession=" + damaged(caller.cookie());
      case 2 -> "Authorization: Bearer " + forgedToken();
      case 3 -> "Authorization: " + one(
          List.of(
              "", "Basic", "Basic ", "Basic =", "Basic Og==", "Basic Xzpf", "basic YTpi",
              "Basic " + FuzzCaller.basic("admin", ""), "Basic " + FuzzCaller.basic("", "x"),
              "Basic " + FuzzCaller.basic("admin", "x"), "Basic /////w==", "Bearer", "Bearer ",
              "Basic " + FuzzCaller.basic("x".repeat(5_000), "x"), "Digest username=\"admin\"",
              "Negotiate YII=", "Basic " + FuzzCaller.basic("a\u0000b\nc", "\u0000"),
              "Basic " + FuzzCaller.basic("org.couchdb.user:other", "x")));
      case 4 -> "X-Auth-CouchDB-UserName: " + one(List.of("admin", "other", "", "\u00e9"));
      case 5 -> "X-Auth-CouchDB-Roles: _admin," + Secrets.MARK;
      default -> "X-Auth-CouchDB-Token: " + one(List.of("", "x", "0".repeat(64)));
    };
  }

  private String forgedCookie() {
    String time = Long.toHexString(System.currentTimeMillis() / 1_000).toUpperCase();
    return one(
        List.of(
            "", "x", "\"x\"", "%", "=", "\u00ff", "x".repeat(3_000),
            FuzzCaller.base64("admin:" + time + ":" + "x".repeat(32)),
            FuzzCaller.base64("admin:" + time), FuzzCaller.base64("admin:zz:x"),
            FuzzCaller.base64("other:" + time + ":"), FuzzCaller.base64("::"),
            FuzzCaller.base64("admin:FFFFFFFFFFFFFFFFFFFF:x"),
            FuzzCaller.base64("\u0000:" + time + ":x")));
  }

  private String damaged(String cookie) {
    String value = cookie.substring(cookie.indexOf('=') + 1);
    if (value.isEmpty()) {
      return "x";
    }
    char[] chars = value.toCharArray();
    chars[random.nextInt(chars.length)] = (char) ('A' + random.nextInt(26));
    String changed = new String(chars);
    return random.nextBoolean() ? changed : changed.substring(random.nextInt(changed.length()));
  }

  private String forgedToken() {
    String header =
        one(
            List.of(
                "{\"alg\":\"none\"}", "{\"alg\":\"HS256\"}", "{\"alg\":\"HS256\",\"kid\":\"x\"}",
                "{\"alg\":\"RS256\"}", "{\"alg\":1}", "[]", "{", "{\"alg\":\"HS256\",\"crit\":1}",
                "{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}",
                "{\"alg\":\"HS256\",\"typ\":\"x\",\"kid\":\"" + "k".repeat(3_000) + "\"}"));
    String claims =
        one(
            List.of(
                "{\"sub\":\"admin\",\"exp\":4000000000,\"_couchdb.roles\":[\"_admin\"]}",
                "{\"sub\":1,\"exp\":\"x\"}", "{}", "null", "{\"sub\":\"admin\",\"exp\":1}", "\""));
    return one(
        List.of(
            FuzzCaller.base64(header) + "." + FuzzCaller.base64(claims) + ".",
            FuzzCaller.base64(header) + "." + FuzzCaller.base64(claims) + ".AAAA",
            FuzzCaller.base64(header) + "." + FuzzCaller.base64(claims), "...", "a.b.c", ".",
            FuzzCaller.base64(header) + ".%." + FuzzCaller.base64(claims), "x".repeat(2_000)));
  }
}

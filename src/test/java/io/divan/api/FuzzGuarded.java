package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Secrets;
import io.divan.api.http.Responses;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The state that a caller may not change, as an administrator reads it: the configuration, the list
 * of databases, their security objects, limits and design documents, databases that the caller is
 * no member of, and the documents and roles of other users.
 */
final class FuzzGuarded {

  /** Part of what the caller may not read. */
  static final String HIDDEN = "hidden-" + Secrets.MARK;

  private static final List<String> SERVER =
      List.of("/_all_dbs", "/_node/_local/_config", "/_membership", "/_cluster_setup");
  private static final List<String> SETTINGS =
      List.of("/_security", "/_revs_limit", "/_purged_infos_limit", "/_purged_infos");
  private static final String USERS = "_users";

  private final Http admin;
  private final FuzzCaller caller;
  private final Set<String> closed;
  private final Set<String> users;
  private final Map<String, String> state;

  private FuzzGuarded(Http admin, FuzzCaller caller, Set<String> closed) {
    this.admin = admin;
    this.caller = caller;
    this.closed = closed;
    this.users = Set.copyOf(changes(USERS, false).keySet());
    this.state = read();
  }

  /**
   * Reads the present state.
   *
   * @param closed the databases that the caller may not change at all
   */
  static FuzzGuarded of(Http admin, FuzzCaller caller, Set<String> closed) {
    return new FuzzGuarded(admin, caller, closed);
  }

  /** Fails if anything has changed. */
  void compare() {
    Map<String, String> before = new TreeMap<>(state);
    Map<String, String> now = read();
    before.entrySet().removeIf(entry -> entry.getValue().equals(now.get(entry.getKey())));
    now.entrySet().removeIf(entry -> entry.getValue().equals(state.get(entry.getKey())));
    assertThat(now).isEqualTo(before);
    if (!closed.contains(USERS)) {
      compareUsers();
    }
  }

  private Map<String, String> read() {
    Map<String, String> read = new TreeMap<>();
    SERVER.forEach(path -> read.put(path, get(path).text()));
    for (JsonNode database : get("/_all_dbs").json()) {
      String name = database.stringValue();
      String path = "/" + Responses.encode(name);
      SETTINGS.forEach(setting -> read.put(path + setting, get(path + setting).text()));
      JsonNode info = get(path).json();
      read.put(path + " purges", info.get("purge_seq").toString());
      read.put(path + " start", info.get("instance_start_time").toString());
      if (closed.contains(name)) {
        read.put(path + " changes", get(path + "/_changes").text());
        read.put(path + " local", get(path + "/_local_docs?include_docs=true").text());
      }
      changes(name, true)
          .forEach(
              (id, row) -> {
                if (isGuarded(name, id)) {
                  read.put(path + " " + id, row);
                }
              });
    }
    return read;
  }

  private boolean isGuarded(String database, String id) {
    if (closed.contains(database) || id.startsWith("_design/")) {
      return true;
    }
    boolean own = caller.name().map(FuzzCaller::id).filter(id::equals).isPresent();
    return database.equals(USERS) && users.contains(id) && !own;
  }

  /** The roles of new users, and of every leaf of the caller's own document. */
  private void compareUsers() {
    String own = caller.name().map(FuzzCaller::id).orElse("");
    for (String id : changes(USERS, true).keySet()) {
      if (id.startsWith("_design/") || users.contains(id) && !id.equals(own)) {
        continue;
      }
      HttpAnswer leaves =
          admin.get(
              "/_users/" + Responses.encode(id) + "?open_revs=all", "Accept: application/json");
      for (JsonNode leaf : leaves.json()) {
        JsonNode document = leaf.get("ok");
        if (!document.has("_deleted")) {
          String roles = document.path("roles").toString();
          assertThat(id.equals(own) ? Set.of("[\"staff\"]", "[]") : Set.of("[]"))
              .as(document.toString())
              .contains(roles);
          assertThat(FuzzCaller.id(document.get("name").stringValue())).isEqualTo(id);
        }
      }
    }
  }

  /** The rows of the changes by id, with all leaves. */
  private Map<String, String> changes(String database, boolean deleted) {
    Map<String, String> rows = new TreeMap<>();
    String path = "/" + Responses.encode(database);
    for (JsonNode row : get(path + "/_changes?style=all_docs&include_docs=true&conflicts=true")
        .json()
        .get("results")) {
      if (deleted || !row.has("deleted")) {
        rows.put(row.get("id").stringValue(), row.toString());
      }
    }
    return rows;
  }

  private HttpAnswer get(String path) {
    HttpAnswer answer = admin.get(path);
    assertThat(answer.status()).as(path + " " + answer.text()).isEqualTo(200);
    return answer;
  }
}

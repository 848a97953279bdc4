package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.api.http.Percent;
import io.divan.api.http.Responses;
import io.divan.document.revision.Revision;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * The expected state of the service, from its responses: databases, documents with their leaves,
 * and local documents. Has a simple parser of its own for requests.
 */
final class FuzzModel {
  private static final Set<String> KEPT =
      Set.of(
          "_replication_id", "_replication_owner", "_replication_state",
          "_replication_state_time", "_replication_state_reason", "_replication_stats", "_access");

  /** The contents of one database. */
  static final class Contents {
    final Map<String, FuzzDocument> documents = new LinkedHashMap<>();
    final Map<String, Map<String, Object>> locals = new LinkedHashMap<>();

    /** Replicated documents whose ids the service generated and did not return. */
    final List<FuzzDocument.Content> unnamed = new ArrayList<>();

    /** Ids of documents whose state the responses did not determine. */
    final Set<String> unknown = new TreeSet<>();

    /** The last bookmark that a query returned. */
    String bookmark = "";
  }

  final Map<String, Contents> databases = new TreeMap<>();

  /** An edit in a request. */
  private record Edit(
      Optional<String> id,
      Optional<Revision> revision,
      Optional<List<Revision>> path,
      FuzzDocument.Content content) {

    Optional<Revision> base() {
      return path.isPresent() ? path.map(List::getFirst) : revision;
    }
  }

  /** Updates the expected state from a request and its response. */
  void learn(FuzzRequest request, Optional<HttpAnswer> answer) {
    if (answer.isEmpty() || answer.get().status() / 100 != 2) {
      return;
    }
    HttpAnswer taken = answer.get();
    List<String> path = segments(request.path());
    boolean single = path.size() == 1;
    boolean special = path.size() > 1 && path.get(1).startsWith("_")
        && !path.get(1).startsWith("_local") && !path.get(1).startsWith("_design");
    if (path.isEmpty() || path.getFirst().startsWith("_")) {
      return;
    }
    String db = path.getFirst();
    if (path.size() > 1
        && databases.containsKey(db)
        && !Set.of("GET", "HEAD", "OPTIONS").contains(request.method())) {
      query(taken, path, databases.get(db));
    }
    switch (request.method()) {
      case "PUT" -> {
        if (single) {
          databases.put(db, new Contents());
        } else if (!special) {
          document(request, taken, db, path);
        }
      }
      case "DELETE" -> {
        if (single) {
          databases.remove(db);
        } else if (!special) {
          document(request, taken, db, path);
        }
      }
      case "POST" -> {
        if (single) {
          document(request, taken, db, path);
        } else if (path.equals(List.of(db, "_bulk_docs"))) {
          batch(request, taken, db);
        }
      }
      case "COPY" ->
          databases
              .get(db).unknown
              .add((String) FuzzJson.object(FuzzJson.parse(taken.bytes())).get("id"));
      default -> {}
    }
  }

  /** Learns the bookmarks of queries, and which design documents requests of indexes change. */
  private static void query(HttpAnswer answer, List<String> path, Contents contents) {
    switch (path.get(1)) {
      case "_find" -> {
        if (FuzzJson.object(FuzzJson.parse(answer.bytes())).get(
            "bookmark") instanceof String some) {
          contents.bookmark = some;
        }
      }
      case "_index" -> {
        for (int i = 0; i < 3; i++) {
          contents.unknown.add("_design/q" + i);
        }
        Optional.ofNullable(FuzzJson.object(FuzzJson.parse(answer.bytes())).get("id"))
            .ifPresent(id -> contents.unknown.add((String) id));
      }
      default -> {}
    }
  }

  private static List<String> segments(String path) {
    List<String> segments = new ArrayList<>();
    for (String segment : path.split("/")) {
      if (!segment.isEmpty()) {
        segments.add(new String(Percent.decode(segment), StandardCharsets.UTF_8));
      }
    }
    return segments;
  }

  /** The value of a query parameter. The last one counts. */
  private static Optional<String> option(FuzzRequest request, String name) {
    Optional<String> found = Optional.empty();
    for (String pair : request.query().orElse("").split("&")) {
      String[] parts = pair.split("=", 2);
      if (new String(Percent.decode(parts[0]), StandardCharsets.UTF_8).equals(name)) {
        String value = parts.length == 1 ? "" : parts[1];
        found = Optional.of(new String(Percent.decode(value), StandardCharsets.UTF_8));
      }
    }
    return found;
  }

  private void document(FuzzRequest request, HttpAnswer answer, String db, List<String> path) {
    Contents contents = databases.get(db);
    assertThat(contents).as("the database that accepted an edit").isNotNull();
    Map<String, Object> said = FuzzJson.object(FuzzJson.parse(answer.bytes()));
    String id = (String) said.get("id");
    if (path.size() > 1) {
      int segments = Set.of("_design", "_local").contains(path.get(1)) ? 3 : 2;
      if (path.size() > segments) { // the rest names an attachment
        assertThat(id).isEqualTo(String.join("/", path.subList(1, segments)));
        contents.unknown.add(id);
        return;
      }
      assertThat(id).isEqualTo(String.join("/", path.subList(1, path.size())));
    }
    boolean deletes = request.method().equals("DELETE");
    Edit edit =
        deletes
            ? new Edit(
                Optional.of(id),
                Optional.empty(),
                Optional.empty(),
                new FuzzDocument.Content(true, Map.of()))
            : edit(FuzzJson.parse(content(request)));
    if (request.method().equals("POST") && edit.id().isPresent()) {
      assertThat(id).isEqualTo(edit.id().get());
    }
    Optional<Revision> given =
        request.method().equals("POST")
            ? edit.revision()
            : option(request, "rev")
                .or(() -> request.header("If-Match").map(FuzzModel::unquoted))
                .map(text -> Revision.parse(text).orElseThrow())
                .or(edit::revision);
    Edit whole = new Edit(Optional.of(id), given, edit.path(), edit.content());
    boolean replicated = option(request, "new_edits").orElse("").equals("false");
    Optional<String> revision = Optional.ofNullable((String) said.get("rev"));
    if (revision.isEmpty()) {
      contents.unknown.add(id); // with batch=ok, the response has no revision
    } else {
      apply(contents, id, whole, revision.get(), replicated);
    }
  }

  private static String unquoted(String etag) {
    String strong = etag.startsWith("W/") ? etag.substring(2) : etag;
    return strong.length() > 1 && strong.startsWith("\"") && strong.endsWith("\"")
        ? strong.substring(1, strong.length() - 1)
        : strong;
  }

  private static byte[] content(FuzzRequest request) {
    return request
        .content()
        .orElseThrow(() -> new AssertionError(
            "Accepted, although its body is truncated or malformed"));
  }

  private static void apply(
      Contents contents, String id, Edit edit, String revision, boolean replicated) {
    if (contents.unknown.contains(id)) {
      return;
    }
    if (id.startsWith("_local/")) {
      if (edit.content().deleted()) {
        contents.locals.remove(id);
      } else {
        contents.locals.put(id, edit.content().members());
      }
      return;
    }
    FuzzDocument document = contents.documents.computeIfAbsent(id, key -> new FuzzDocument());
    Revision made = Revision.parse(revision).orElseThrow();
    if (replicated) {
      assertThat(made).isEqualTo(edit.base().orElseThrow());
      document.merge(edit.path().orElse(List.of(made)), edit.content());
    } else {
      document.edit(edit.base(), made, edit.content());
    }
  }

  private void batch(FuzzRequest request, HttpAnswer answer, String db) {
    Contents contents = databases.get(db);
    Map<String, Object> body = FuzzJson.object(FuzzJson.parse(content(request)));
    List<?> rows = FuzzJson.list(FuzzJson.parse(answer.bytes()));
    List<?> docs = FuzzJson.list(body.get("docs"));
    boolean replicated = new FuzzJson.Plain("false").equals(body.get("new_edits"));
    if (!replicated) {
      assertThat(rows).hasSameSizeAs(docs);
    }
    List<Object> refused = new ArrayList<>();
    rows.stream().map(FuzzJson::object).forEach(row -> refused.add(row.get("id")));
    for (int i = 0; i < docs.size(); i++) {
      Edit edit = edit(docs.get(i));
      if (replicated) {
        String id = edit.id().orElse("");
        if (edit.id().isEmpty()) {
          contents.unnamed.add(edit.content());
        } else if (!refused.remove(id)) {
          apply(contents, id, edit, edit.base().orElseThrow().toString(), true);
        }
        continue;
      }
      Map<String, Object> row = FuzzJson.object(rows.get(i));
      String id = (String) row.get("id");
      edit.id().ifPresent(given -> assertThat(id).isEqualTo(given));
      if (row.containsKey("ok")) {
        apply(contents, id, edit, (String) row.get("rev"), false);
      }
    }
  }

  private static Edit edit(Object json) {
    Map<String, Object> all = FuzzJson.object(json);
    Map<String, Object> members = new LinkedHashMap<>();
    all.forEach(
        (name, value) -> {
          if (!name.startsWith("_") || KEPT.contains(name)) {
            members.put(name, value);
          }
        });
    Optional<Revision> revision =
        Optional.ofNullable((String) all.get("_rev"))
            .map(text -> Revision.parse(text).orElseThrow());
    Optional<List<Revision>> path = Optional.empty();
    if (all.containsKey("_revisions")) {
      Map<String, Object> revisions = FuzzJson.object(all.get("_revisions"));
      long start = Long.parseLong(((FuzzJson.Plain) revisions.get("start")).text());
      List<?> ids = FuzzJson.list(revisions.get("ids"));
      List<Revision> known = new ArrayList<>();
      for (int i = 0; i < Math.min(ids.size(), start); i++) {
        known.add(Revision.parse(start - i + "-" + ids.get(i)).orElseThrow());
      }
      path = known.isEmpty() ? path : Optional.of(known);
    }
    return new Edit(
        Optional.ofNullable((String) all.get("_id")),
        revision,
        path,
        new FuzzDocument.Content(
            new FuzzJson.Plain("true").equals(all.get("_deleted")), members));
  }

  /** Compares the state of the service with the expected state. */
  void compare(Http http) {
    assertThat(FuzzJson.parse(http.get("/_all_dbs?startkey=%22a%22").bytes()))
        .isEqualTo(List.copyOf(databases.keySet()));
    compareDatabases(http);
  }

  /** Compares the contents of the known databases with the expected contents. */
  void compareDatabases(Http http) {
    databases.forEach((name, contents) -> compare(http, name, contents));
  }

  private void compare(Http http, String db, Contents contents) {
    String path = "/" + Responses.encode(db);
    Map<String, Object> listing =
        FuzzJson.object(FuzzJson.parse(http.get(path + "/_all_docs?include_docs=true").bytes()));
    Map<String, Object> listed = new TreeMap<>();
    for (Object row : FuzzJson.list(listing.get("rows"))) {
      Map<String, Object> doc = FuzzJson.object(FuzzJson.object(row).get("doc"));
      listed.put((String) doc.get("_id"), plain(doc));
    }
    Map<String, Object> expected = new TreeMap<>();
    contents.documents.forEach(
        (id, document) -> {
          if (!document.isDeleted()) {
            expected.put(id, document.winning().members());
          }
        });
    Set<String> aside = contents.unknown;
    listed.keySet().removeAll(aside);
    expected.keySet().removeAll(aside);
    List<Object> unnamed = new ArrayList<>();
    contents.unnamed.stream()
        .filter(content -> !content.deleted())
        .forEach(content -> unnamed.add(content.members()));
    int named = expected.size();
    listed.forEach(
        (id, members) -> {
          if (!expected.containsKey(id) && unnamed.remove(members)) {
            expected.put(id, members);
          }
        });
    assertThat(listed).as(db).isEqualTo(expected);
    assertThat(unnamed).as(db).isEmpty();
    contents.documents.forEach(
        (id, document) -> {
          if (!aside.contains(id)) {
            assertThat(leaves(http, path + "/" + Responses.encode(id)))
                .as(db + " " + id)
                .isEqualTo(document.contents());
          }
        });
    if (aside.isEmpty()) {
      JsonNode info = http.get(path).json();
      long deleted = contents.documents.values().stream().filter(FuzzDocument::isDeleted).count();
      assertThat(info.get("doc_count").longValue()).isEqualTo(expected.size());
      assertThat(info.get("doc_del_count").longValue())
          .isEqualTo(deleted + contents.unnamed.size() - (expected.size() - named));
    }
    contents.locals.keySet().removeAll(aside);
    contents.locals.forEach(
        (id, members) -> assertThat(
            plain(
                FuzzJson.object(
                    FuzzJson.parse(http.get(path + "/" + local(id)).bytes()))))
            .as(db + " " + id)
            .isEqualTo(members));
  }

  private static String local(String id) {
    return "_local/" + Responses.encode(id.substring("_local/".length()));
  }

  private static Map<String, FuzzDocument.Content> leaves(Http http, String path) {
    HttpAnswer answer = http.get(path + "?open_revs=all", "Accept: application/json");
    assertThat(answer.status()).as(path).isEqualTo(200);
    Map<String, FuzzDocument.Content> leaves = new TreeMap<>();
    for (Object row : FuzzJson.list(FuzzJson.parse(answer.bytes()))) {
      Map<String, Object> doc = FuzzJson.object(FuzzJson.object(row).get("ok"));
      leaves.put(
          (String) doc.get("_rev"),
          new FuzzDocument.Content(doc.containsKey("_deleted"), plain(doc)));
    }
    return leaves;
  }

  private static Map<String, Object> plain(Map<String, Object> doc) {
    Map<String, Object> members = new LinkedHashMap<>(doc);
    members.keySet().removeAll(Set.of("_id", "_rev", "_deleted"));
    return members;
  }
}

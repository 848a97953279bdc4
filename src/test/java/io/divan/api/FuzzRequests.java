package io.divan.api;

import io.divan.api.http.Responses;
import io.divan.document.revision.Revision;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Generates valid requests of every kind, mostly for existing documents. */
final class FuzzRequests {
  private static final int DOCUMENTS = 12;

  private static final List<String> SERVER =
      List.of(
          "/", "/_up", "/_session", "/_uuids?count=3", "/_all_dbs?limit=2&startkey=%22a%22",
          "/_active_tasks", "/_membership", "/_utils", "/nothing/_all_docs");
  private static final List<String> LISTING =
      List.of(
          "include_docs=true", "conflicts=true", "descending=true", "limit=3", "skip=1",
          "startkey=%22a%22", "endkey=%22z%22", "key=%22d1%22", "keys=%5B%22d1%22%2C%22d2%22%5D",
          "inclusive_end=false", "update_seq=true", "startkey_docid=d2");
  private static final List<String> CHANGES =
      List.of(
          "include_docs=true", "conflicts=true", "descending=true", "limit=3", "since=0",
          "since=now", "style=all_docs", "feed=longpoll", "feed=continuous", "timeout=10",
          "heartbeat=5", "seq_interval=2", "filter=_doc_ids", "feed=eventsource");
  private static final List<String> READING =
      List.of(
          "rev=1-a", "revs=true", "revs_info=true", "conflicts=true", "deleted_conflicts=true",
          "meta=true", "local_seq=true", "open_revs=all", "open_revs=%5B%221-a%22%5D",
          "latest=true", "attachments=true");
  private static final List<String> RESOURCES =
      List.of(
          "", "/_all_docs", "/_changes", "/_design_docs", "/_local_docs", "/_security",
          "/_revs_limit", "/_purged_infos", "/_design/v/_view/all", "/_index", "/_shards",
          "/d1/attachment", "/_none", "/d1/_none");
  private static final List<String> QUESTIONS =
      List.of(
          "_bulk_get?revs=true {\"docs\":[{\"id\":\"d1\"},{\"id\":\"d2\",\"rev\":\"1-a\"}]}",
          "_revs_diff {\"d1\":[\"1-a\",\"2-b\"],\"d2\":[\"9-c\"]}",
          "_all_docs {\"keys\":[\"d1\",\"nothing\",\"d2\"],\"include_docs\":true}",
          "_all_docs {\"startkey\":\"d\",\"limit\":2,\"descending\":true}",
          "_all_docs/queries {\"queries\":[{\"limit\":1},{\"keys\":[\"d1\"]}]}",
          "_changes {\"doc_ids\":[\"d1\",\"d2\"]}",
          "_changes?filter=_selector {\"selector\":{\"n\":{\"$gt\":1}}}",
          "_missing_revs {\"d1\":[\"1-a\"]}",
          "_design_docs {\"keys\":[\"_design/d1\"]}",
          "_local_docs/queries {\"queries\":[{\"limit\":1}]}",
          "_purge {\"nothing\":[\"1-a\"]}",
          "_compact {}",
          "_view_cleanup {}",
          "_ensure_full_commit {}");

  private final Random random;
  private final FuzzModel model;
  private final FuzzQueries queries;
  private int made;

  FuzzRequests(Random random, FuzzModel model) {
    this.random = random;
    this.queries = new FuzzQueries(random);
    this.model = model;
  }

  private FuzzRequest request(String method, String target) {
    return new FuzzRequest(
        method, target, List.of(), Optional.empty(), FuzzRequest.Framing.LENGTH);
  }

  private FuzzRequest request(String method, String target, String json) {
    FuzzRequest request =
        request(method, target)
            .with("Content-Type: application/json")
            .withBody(json.getBytes(StandardCharsets.UTF_8));
    return switch (random.nextInt(12)) {
      case 0 -> gzipped(request);
      case 1 -> request.withFraming(FuzzRequest.Framing.CHUNKS);
      case 2 -> request.withFraming(FuzzRequest.Framing.ODD_CHUNKS);
      case 3 -> request.with("Expect: 100-continue");
      default -> request;
    };
  }

  static FuzzRequest gzipped(FuzzRequest request) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(request.body().orElse(new byte[0]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return request.with("Content-Encoding: gzip").withBody(bytes.toByteArray());
  }

  <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private String query(List<String> options) {
    StringBuilder query = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      query.append(query.isEmpty() ? '?' : '&').append(one(options));
    }
    return query.toString();
  }

  FuzzRequest next() {
    List<String> names = List.copyOf(model.databases.keySet());
    if (names.isEmpty() || random.nextInt(100) == 0 && names.size() < 5) {
      return request("PUT", "/fuzz" + made++);
    }
    String name = one(names);
    String db = "/" + Responses.encode(name);
    FuzzModel.Contents contents = model.databases.get(name);
    return switch (random.nextInt(18)) {
      case 0, 1, 2 -> edit(db, contents);
      case 3 -> deletion(db, contents);
      case 4 -> request("POST", db, document(""));
      case 5, 6 -> batch(db, contents);
      case 7 -> replicated(db, contents);
      case 8 -> local(db);
      case 9 -> request(one(List.of("GET", "GET", "HEAD")), db + "/" + id() + query(READING));
      case 10 -> request(one(List.of("GET", "HEAD")), db + "/_all_docs" + query(LISTING));
      case 11 -> request("GET", db + "/_changes" + query(CHANGES));
      case 12 -> {
        String[] parts = one(QUESTIONS).split(" ", 2);
        yield request("POST", db + "/" + parts[0], parts[1]);
      }
      case 13 -> request(one(List.of("GET", "HEAD", "OPTIONS")), db + one(RESOURCES));
      case 14 -> request(one(List.of("GET", "HEAD")), one(SERVER));
      case 15, 16 -> {
        String[] parts = queries.next(contents.bookmark).split(" ", 3);
        yield parts.length == 2
            ? request(parts[0], db + parts[1])
            : request(parts[0], db + parts[1], parts[2]);
      }
      default -> rare(db, contents, names.size());
    };
  }

  private FuzzRequest rare(String db, FuzzModel.Contents contents, int databases) {
    return switch (random.nextInt(6)) {
      case 0 -> request(databases > 2 && random.nextInt(4) == 0 ? "DELETE" : "GET", db);
      case 1 -> request("COPY", db + "/" + id()).with("Destination: " + id());
      case 2 -> request("PUT", db + "/_security", "{\"admins\":{\"names\":[\"a\"]}}");
      case 3 -> edit(db, contents).with("X-Divan-Trace: fuzz");
      case 4 -> request("PUT", db + "/" + id() + "?batch=ok", document(""));
      default -> request("PUT", db + "/_design/d" + random.nextInt(3), document(""));
    };
  }

  private String id() {
    return "d" + random.nextInt(DOCUMENTS);
  }

  private Optional<Revision> leaf(FuzzModel.Contents contents, String id) {
    FuzzDocument document = contents.documents.get(id);
    return document == null || document.isDeleted() || random.nextInt(10) == 0
        ? Optional.empty()
        : Optional.of(one(document.leaves()));
  }

  private FuzzRequest edit(String db, FuzzModel.Contents contents) {
    String id = id();
    String target = db + "/" + id;
    Optional<Revision> leaf = leaf(contents, id);
    if (leaf.isEmpty()) {
      return request("PUT", target, document(""));
    }
    String revision = leaf.get().toString();
    return switch (random.nextInt(3)) {
      case 0 -> request("PUT", target, document("\"_rev\":" + quoted(revision) + ","));
      case 1 -> request("PUT", target + "?rev=" + Responses.encode(revision), document(""));
      default -> request("PUT", target, document("")).with("If-Match: \"" + ascii(revision) + '"');
    };
  }

  private FuzzRequest deletion(String db, FuzzModel.Contents contents) {
    String id = id();
    String target = db + "/" + id;
    return leaf(contents, id)
        .map(leaf -> request("DELETE", target + "?rev=" + Responses.encode(leaf.toString())))
        .orElse(request("DELETE", target));
  }

  private FuzzRequest local(String db) {
    String target = db + "/_local/l" + random.nextInt(4);
    return switch (random.nextInt(4)) {
      case 0 -> request("DELETE", target);
      case 1 -> request("GET", target);
      default -> request("PUT", target, document("\"_rev\":\"0-" + random.nextInt(5) + "\","));
    };
  }

  private FuzzRequest batch(String db, FuzzModel.Contents contents) {
    StringBuilder docs = new StringBuilder();
    for (int i = random.nextInt(5); i >= 0; i--) {
      String id = id();
      String special = random.nextInt(8) == 0 ? "" : "\"_id\":\"" + id + "\",";
      String revision =
          leaf(contents, id).map(leaf -> "\"_rev\":" + quoted(leaf.toString()) + ",").orElse("");
      docs.append(docs.isEmpty() ? "" : ",");
      docs.append(document(special + (special.isEmpty() ? "" : revision)));
    }
    return request("POST", db + "/_bulk_docs", "{\"docs\":[" + docs + "]}");
  }

  private FuzzRequest replicated(String db, FuzzModel.Contents contents) {
    String id = id();
    String special = "\"_id\":\"" + id + "\",";
    Optional<Revision> leaf = leaf(contents, id);
    String fresh = Integer.toHexString(random.nextInt(0x10000) | 0x10000);
    if (leaf.isPresent() && random.nextBoolean()) {
      long start = leaf.get().position() + 1;
      String known = leaf.get().toString().split("-", 2)[1];
      special +=
          "\"_revisions\":{\"start\":" + start + ",\"ids\":[\"" + fresh + "\","
              + quoted(known) + "]},";
    } else {
      special += "\"_rev\":\"" + (1 + random.nextInt(3)) + "-" + fresh + "\",";
    }
    String deleted = random.nextInt(4) == 0 ? "\"_deleted\":true," : "";
    if (random.nextInt(3) == 0 && !special.contains("_revisions")) {
      return request("PUT", db + "/" + id + "?new_edits=false", document(special + deleted));
    }
    return request(
        "POST",
        db + "/_bulk_docs",
        "{\"new_edits\":false,\"docs\":[" + document(special + deleted) + "]}");
  }

  private String document(String special) {
    String value =
        switch (random.nextInt(6)) {
          case 0 -> "\"é\\ud83d\\ude00 \\u0000\"";
          case 1 -> "[1.00,-0,12345678901234567890,{\"a\":null}]";
          case 2 -> "{\"b\":true,\"a\":{\"\":[]}}";
          case 3 -> "\"" + "x".repeat(random.nextInt(3_000)) + "\"";
          default -> Integer.toString(random.nextInt(1_000));
        };
    return "{" + special + "\"n\":" + value + ",\"m\":" + random.nextInt(100) + "}";
  }

  /** Encodes a revision, which may contain any characters after a mutation. */
  private static String quoted(String text) {
    return new io.divan.json.JsonBuffer().string(text).toString();
  }

  private static String ascii(String text) {
    return text.replaceAll("[^!-~]|\"", "?");
  }

  /** Special members of documents and of other bodies, with valid values. */
  static final Map<String, List<String>> MEMBERS =
      Map.ofEntries(
          Map.entry(
              "_id",
              List.of(
                  "\"_x\"", "\"\"", "1", "\"_design/\"", "\"_local/l1\"", "\"d1\"", longId())),
          Map.entry(
              "_rev",
              List.of("\"1\"", "1", "\"0-0\"", "\"1-\"", "\"99999999999999999999-a\"", "null")),
          Map.entry("_deleted", List.of("true", "1", "\"true\"", "null")),
          Map.entry(
              "_revisions",
              List.of(
                  "1", "{}", "{\"start\":1,\"ids\":[]}", "{\"start\":2,\"ids\":[\"a\",\"b\"]}",
                  "{\"start\":-1,\"ids\":[\"a\"]}", "{\"start\":1e3,\"ids\":[1]}")),
          Map.entry(
              "_attachments",
              List.of("1", "{}", "{\"a\":{\"data\":\"!\"}}", "{\"a\":{\"stub\":true}}", "null")),
          Map.entry("_foo", List.of("1", "{}")),
          Map.entry("docs", List.of("{}", "[1]", "[[]]", "null", "[]")),
          Map.entry("new_edits", List.of("false", "1", "null")),
          Map.entry(
              "keys",
              List.of("{}", "[1]", "[null]", "\"a\"", "[[\"a\"]]", "[" + longId() + "]")),
          Map.entry("key", List.of("1", "null", longId())),
          Map.entry("startkey", List.of("1", "null", "\"\"", longId())),
          Map.entry("\\ud800", List.of("1", "[\"1-a\"]", "\"\\udc00\"")),
          Map.entry("i".repeat(9_000), List.of("1", "[\"1-a\"]")),
          Map.entry("selector", List.of("1", "{\"$or\":1}", "{\"\\ud800\":1}", "{\"$not\":{}}")),
          Map.entry("all_or_nothing", List.of("true")));

  private static String longId() {
    return '"' + "i".repeat(9_000) + '"';
  }
}

package io.divan.api;

import io.divan.document.AllDocs;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentsByKey;
import io.divan.document.Json;
import io.divan.document.JsonBuffer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The listing of a database's documents. */
@Controller
final class AllDocsController {
  private static final String ROW_END = "\r\n";

  private final Databases databases;
  private final RequestBodies bodies;

  AllDocsController(Databases databases, RequestBodies bodies) {
    this.databases = databases;
    this.bodies = bodies;
  }

  @GetMapping(Paths.DATABASE + "/_all_docs")
  void get(
      @PathVariable("db") String db, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db);
    Parameters parameters = Parameters.of(request);
    Optional<List<Parameters.JsonValue>> keys =
        parameters
            .get("keys")
            .map(
                json ->
                    Parameters.elements(json)
                        .orElseThrow(
                            () ->
                                ApiException.badRequest(
                                    "`keys` parameter must be an array.")));
    if (keys.isPresent()) {
      expectNoRange(parameters);
    }
    answer(database, parameters, keys, request, response);
  }

  @PostMapping(Paths.DATABASE + "/_all_docs")
  void post(
      @PathVariable("db") String db, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db);
    RequestBodies.expectJson(request);
    Parameters query = Parameters.of(request);
    Body body = body(bodies.bytes(request));
    if (body.keys().isPresent()) {
      expectNoRange(query);
      if (query.has("keys")) {
        throw incompatibleKeys();
      }
    }
    answer(database, query.over(body.options()), body.keys(), request, response);
  }

  private static void expectNoRange(Parameters parameters) {
    for (String name : List.of("key", "startkey", "start_key", "endkey", "end_key")) {
      if (parameters.has(name)) {
        throw incompatibleKeys();
      }
    }
  }

  private static ApiException incompatibleKeys() {
    return ApiException.badQuery("`keys` is incompatible with `key`, `start_key` and `end_key`");
  }

  private record Body(
      Map<String, String> options, Optional<List<Parameters.JsonValue>> keys) {}

  /** The members of a POST's body: the keys, and the same options the query may have. */
  private static Body body(byte[] json) {
    Map<String, String> options = new LinkedHashMap<>();
    Optional<List<Parameters.JsonValue>> keys = Optional.empty();
    try (JsonParser parser = Json.parser(json)) {
      JsonBodies.expectObject(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (name.equals("keys")) {
          if (token != JsonToken.START_ARRAY) {
            throw ApiException.badRequest("`keys` body member must be an array.");
          }
          keys = Optional.of(JsonBodies.elements(parser));
        } else {
          boolean raw = name.endsWith("key");
          Parameters.JsonValue value = JsonBodies.value(parser);
          options.put(name, raw ? value.json() : value.text().orElse(value.json()));
        }
      }
      Json.expectEnd(parser);
    } catch (JacksonException e) {
      throw DocumentUpdates.readFailure(e);
    }
    return new Body(options, keys);
  }

  private static void answer(
      Database database,
      Parameters parameters,
      Optional<List<Parameters.JsonValue>> keys,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    refuseViewOptions(parameters);
    boolean descending = parameters.flag("descending", false);
    boolean inclusiveEnd = parameters.flag("inclusive_end", true);
    boolean includeDocs = parameters.flag("include_docs", false);
    boolean conflicts = parameters.flag("conflicts", false);
    boolean updateSequence = parameters.flag("update_seq", false);
    long skip = parameters.count("skip", 0);
    long limit = parameters.count("limit", Long.MAX_VALUE);
    if (keys.isPresent()) {
      List<Parameters.JsonValue> ordered = descending ? keys.get().reversed() : keys.get();
      List<Parameters.JsonValue> some = ordered.stream().skip(skip).limit(limit).toList();
      byKey(database, some, includeDocs, conflicts, updateSequence, request, response);
      return;
    }
    Optional<Parameters.JsonValue> key = parameters.json("key", "key");
    Optional<Parameters.JsonValue> start =
        parameters
            .json("startkey", "start_key")
            .or(() -> key)
            .or(() -> docId(parameters, "startkey_docid", "start_key_doc_id"));
    Optional<Parameters.JsonValue> end =
        parameters
            .json("endkey", "end_key")
            .or(() -> key)
            .or(() -> docId(parameters, "endkey_docid", "end_key_doc_id"));
    // Ids are strings: any other start lies before them all, any other end leaves none.
    boolean none = end.isPresent() && end.get().text().isEmpty();
    AllDocs.Query query =
        new AllDocs.Query(
            start.flatMap(Parameters.JsonValue::text),
            end.flatMap(Parameters.JsonValue::text),
            inclusiveEnd,
            descending,
            skip,
            none ? 0 : limit,
            includeDocs,
            conflicts);
    range(database.allDocs(query), updateSequence, request, response);
  }

  private static Optional<Parameters.JsonValue> docId(
      Parameters parameters, String name, String alias) {
    return parameters
        .first(name, alias)
        .map(id -> new Parameters.JsonValue(Optional.of(id), id));
  }

  private static void refuseViewOptions(Parameters parameters) {
    if (!List.of("ok", "update_after", "false").contains(parameters.get("stale").orElse("ok"))) {
      throw ApiException.badQuery("Invalid value for `stale`.");
    }
    if (parameters.flag("group", false) || parameters.has("group_level")) {
      throw ApiException.badQuery("Invalid use of grouping on a map view.");
    }
    if (parameters.flag("reduce", false)) {
      throw ApiException.badQuery("Reduce is invalid for map-only views.");
    }
  }

  private static void range(
      AllDocs rows,
      boolean updateSequence,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    AllDocs.Header header = rows.begin();
    JsonStream stream = new JsonStream(response, 200);
    if (isHead(request)) {
      return;
    }
    JsonBuffer out = stream.buffer();
    out.raw("{\"total_rows\":").number(header.totalRows()).raw(",\"offset\":");
    out.raw(header.offset().map(String::valueOf).orElse("null"));
    if (updateSequence) {
      out.raw(",\"update_seq\":").string(header.sequence());
    }
    out.raw(",\"rows\":[").raw(ROW_END);
    boolean first = true;
    while (rows.hasNext()) {
      for (AllDocs.Row row : rows.next()) {
        out.raw(first ? "" : "," + ROW_END);
        first = false;
        out.raw("{\"id\":").string(row.id()).raw(",\"key\":").string(row.id());
        out.raw(",\"value\":{\"rev\":").string(row.revision().toString()).raw('}');
        row.json().ifPresent(json -> out.raw(",\"doc\":").raw(json));
        out.raw('}');
        stream.checkpoint();
      }
    }
    out.raw(ROW_END).raw("]}\n");
    stream.end();
  }

  private static void byKey(
      Database database,
      List<Parameters.JsonValue> keys,
      boolean includeDocs,
      boolean conflicts,
      boolean updateSequence,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    long total = database.info().docCount();
    List<String> ids = new ArrayList<>(keys.size());
    keys.forEach(key -> key.text().ifPresent(ids::add));
    Iterator<DocumentsByKey.Row> rows =
        rows(database.byKey(ids, includeDocs, conflicts));
    JsonStream stream = new JsonStream(response, 200);
    if (isHead(request)) {
      return;
    }
    JsonBuffer out = stream.buffer();
    out.raw("{\"total_rows\":").number(total).raw(",\"offset\":null");
    out.raw(updateSequence ? ",\"update_seq\":null" : "").raw(",\"rows\":[").raw(ROW_END);
    boolean first = true;
    for (Parameters.JsonValue key : keys) {
      out.raw(first ? "" : "," + ROW_END);
      first = false;
      if (key.text().isPresent()) {
        row(out, rows.next(), includeDocs);
      } else {
        out.raw("{\"key\":").utf8(key.json()).raw(",\"error\":\"not_found\"}");
      }
      stream.checkpoint();
    }
    out.raw(ROW_END).raw("]}\n");
    stream.end();
  }

  private static Iterator<DocumentsByKey.Row> rows(DocumentsByKey documents) {
    return new Iterator<>() {
      private Iterator<DocumentsByKey.Row> batch = List.<DocumentsByKey.Row>of().iterator();

      @Override
      public boolean hasNext() {
        return batch.hasNext() || documents.hasNext();
      }

      @Override
      public DocumentsByKey.Row next() {
        if (!batch.hasNext()) {
          batch = documents.next().iterator();
        }
        return batch.next();
      }
    };
  }

  private static void row(JsonBuffer out, DocumentsByKey.Row row, boolean includeDocs) {
    if (row.revision().isEmpty()) {
      out.raw("{\"key\":").string(row.id()).raw(",\"error\":\"not_found\"}");
      return;
    }
    out.raw("{\"id\":").string(row.id()).raw(",\"key\":").string(row.id());
    out.raw(",\"value\":{\"rev\":").string(row.revision().get().toString());
    out.raw(row.deleted() ? ",\"deleted\":true}" : "}");
    if (includeDocs) {
      out.raw(",\"doc\":");
      row.json().ifPresentOrElse(out::raw, () -> out.raw("null"));
    }
    out.raw('}');
  }

  private static boolean isHead(HttpServletRequest request) {
    return "HEAD".equals(request.getMethod());
  }
}

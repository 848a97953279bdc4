package io.divan.api.document;

import io.divan.api.http.ApiException;
import io.divan.api.http.JsonBodies;
import io.divan.api.http.JsonStream;
import io.divan.api.http.Parameters;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.DocumentIds;
import io.divan.document.OpenRevisions;
import io.divan.document.Principal;
import io.divan.document.revision.Revision;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * {@code _bulk_get}: many documents or revisions in one request. Every entry is answered in its
 * place, also one that is wrong.
 */
@Controller
final class BulkGetController {
  private final Databases databases;
  private final RequestBodies bodies;

  BulkGetController(Databases databases, RequestBodies bodies) {
    this.databases = databases;
    this.bodies = bodies;
  }

  /** One entry of a request: what to read, or what to answer because it is wrong. */
  private sealed interface Entry {

    record Read(OpenRevisions.Request request) implements Entry {}

    record Wrong(String idJson, String revisionJson, String error, String reason)
        implements Entry {}
  }

  @PostMapping(Paths.DATABASE + "/_bulk_get")
  void post(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    RequestBodies.expectJson(request);
    Parameters parameters = Parameters.of(request);
    for (String name : List.of("rev", "open_revs", "atts_since", "w", "new_edits")) {
      if (parameters.has(name)) {
        throw ApiException.badRequest("\"" + name + "\" query parameter is not acceptable");
      }
    }
    List<Entry> entries = read(bodies.bytes(request), parameters.isTrue("latest"));
    List<OpenRevisions.Request> requests = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      if (entry instanceof Entry.Read read) {
        requests.add(read.request());
      }
    }
    new Writer(database.open(requests, parameters.isTrue("revs")), requests)
        .write(entries, new JsonStream(response, 200));
  }

  private static List<Entry> read(byte[] json, boolean latest) {
    Optional<List<Entry>> entries = Optional.empty();
    try (JsonParser parser = Json.parser(json)) {
      JsonBodies.expectObject(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = Json.name(parser);
        JsonToken token = parser.nextToken();
        if (!name.equals("docs")) {
          Json.skipValue(parser);
        } else if (token == JsonToken.START_ARRAY) {
          List<Entry> read = new ArrayList<>();
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            read.add(entry(parser, latest));
          }
          entries = Optional.of(read);
        } else {
          throw ApiException.badRequest("`docs` parameter must be an array.");
        }
      }
      Json.expectEnd(parser);
    } catch (JacksonException e) {
      throw DocumentUpdates.readFailure(e);
    }
    return entries.orElseThrow(
        () -> ApiException.badRequest("Missing JSON list of 'docs'."));
  }

  private static Entry entry(JsonParser parser, boolean latest) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return wrong("null", "null", "bad_request", "document must be a JSON object");
    }
    Map<String, Parameters.RawJson> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = Json.name(parser);
      parser.nextToken();
      members.put(name, JsonBodies.value(parser));
    }
    if (members.isEmpty()) {
      return wrong("null", "null", "bad_request", "document must be a JSON object");
    }
    Parameters.RawJson id = members.get("id");
    if (id == null) {
      return wrong("null", "null", "bad_request", "document id missed");
    }
    if (id.text().isEmpty()) {
      return wrong(id.json(), "null", "illegal_docid", "Document id must be a string");
    }
    try {
      DocumentIds.check(id.text().get());
    } catch (DocumentException e) {
      return wrong(id.json(), "null", e.error(), e.reason());
    }
    Parameters.RawJson revision = members.get("rev");
    if (revision == null) {
      return new Entry.Read(
          new OpenRevisions.Request(id.text().get(), Optional.empty(), latest));
    }
    Optional<Revision> parsed = revision.text().flatMap(Revision::parse);
    if (parsed.isEmpty()) {
      return wrong(id.json(), revision.json(), "bad_request", "Invalid rev format");
    }
    return new Entry.Read(
        new OpenRevisions.Request(
            id.text().get(), Optional.of(List.of(parsed.get())), latest));
  }

  private static Entry wrong(String id, String revision, String error, String reason) {
    return new Entry.Wrong(id, revision, error, reason);
  }

  /** Writes the answers of the entries to be read between those of the wrong ones. */
  private static final class Writer {
    private final OpenRevisions revisions;
    private final List<OpenRevisions.Request> requests;
    private List<OpenRevisions.Answer> answers = List.of();
    private int next;

    Writer(OpenRevisions revisions, List<OpenRevisions.Request> requests) {
      this.revisions = revisions;
      this.requests = requests;
    }

    void write(List<Entry> entries, JsonStream stream) throws IOException {
      JsonBuffer out = stream.buffer().raw("{\"results\":[");
      int read = 0;
      boolean first = true;
      for (Entry entry : entries) {
        out.raw(first ? "{\"id\":" : ",{\"id\":");
        first = false;
        switch (entry) {
          case Entry.Wrong wrong -> {
            out.utf8(wrong.idJson()).raw(",\"docs\":[");
            error(out, wrong.idJson(), wrong.revisionJson(), wrong.error(), wrong.reason());
          }
          case Entry.Read wanted -> {
            out.string(wanted.request().id()).raw(",\"docs\":[");
            answersOf(read++, stream);
          }
        }
        out.raw("]}");
        stream.checkpoint();
      }
      out.raw("]}\n");
      stream.end();
    }

    private void answersOf(int request, JsonStream stream) throws IOException {
      boolean first = true;
      while (fill() && answers.get(next).request() == request) {
        stream.buffer().raw(first ? "" : ",");
        first = false;
        answer(stream.buffer(), answers.get(next++));
        stream.checkpoint();
      }
    }

    /** Whether there is another answer, read if need be. */
    private boolean fill() {
      while (next == answers.size() && revisions.hasNext()) {
        answers = revisions.next();
        next = 0;
      }
      return next < answers.size();
    }

    private void answer(JsonBuffer out, OpenRevisions.Answer answer) {
      String id = new JsonBuffer().string(requests.get(answer.request()).id()).toString();
      switch (answer) {
        case OpenRevisions.Answer.Found found ->
            out.raw("{\"ok\":").raw(found.document().json()).raw('}');
        case OpenRevisions.Answer.Missing missing ->
            error(
                out,
                id,
                new JsonBuffer().string(missing.revision()).toString(),
                "not_found",
                "missing");
        case OpenRevisions.Answer.NoDocument none ->
            error(out, id, "\"undefined\"", "not_found", "missing");
      }
    }

    private static void error(
        JsonBuffer out, String id, String revision, String error, String reason) {
      out.raw("{\"error\":{\"id\":").utf8(id).raw(",\"rev\":").utf8(revision);
      out.raw(",\"error\":").string(error).raw(",\"reason\":").string(reason).raw("}}");
    }
  }
}

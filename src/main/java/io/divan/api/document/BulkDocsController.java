package io.divan.api.document;

import io.divan.api.http.ApiException;
import io.divan.api.http.JsonBodies;
import io.divan.api.http.JsonStream;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.Responses;
import io.divan.api.http.SpooledBody;
import io.divan.api.http.Uuids;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentParser;
import io.divan.document.Principal;
import io.divan.document.UpdateResult;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * {@code _bulk_docs}: many edits in one request. The whole body is read and checked before the
 * first of them is applied, so malformed or cut-off input changes nothing. What fits in memory is
 * parsed once; a larger body lies in a file and is parsed a second time while it is applied.
 */
@Controller
final class BulkDocsController {

  /** More documents than this are not kept while the rest of a body is still unchecked. */
  private static final int KEPT_MAX = 100_000;

  private static final long APPLIED_BYTES = 8_000_000;
  private static final int APPLIED_DOCUMENTS = 20_000;

  private final Databases databases;
  private final RequestBodies bodies;
  private final Uuids uuids;

  BulkDocsController(Databases databases, RequestBodies bodies, Uuids uuids) {
    this.databases = databases;
    this.bodies = bodies;
    this.uuids = uuids;
  }

  @PostMapping(Paths.DATABASE + "/_bulk_docs")
  void post(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    RequestBodies.expectJson(request);
    try (SpooledBody body = bodies.spool(request)) {
      Checked checked = check(body);
      Results results = new Results(response, checked.newEdits());
      Edits edits = new Edits(db, database, checked.newEdits(), results);
      if (checked.documents().isPresent()) {
        edits.apply(checked.documents().get());
      } else {
        parse(body, edits::add);
        edits.flush();
      }
      results.end();
    }
  }

  /** Takes the documents of a body, one after the other. */
  @FunctionalInterface
  private interface Sink {
    void accept(DocumentInput document) throws IOException;
  }

  private record Checked(boolean newEdits, Optional<List<DocumentInput>> documents) {}

  private record Outline(boolean newEdits, boolean hasDocuments) {}

  /** Parses the whole body; keeps its documents where they are few enough. */
  private Checked check(SpooledBody body) throws IOException {
    List<DocumentInput> kept = new ArrayList<>();
    long[] count = {0};
    boolean keep = body.isInMemory();
    boolean[] unidentified = {false};
    Outline outline =
        parse(
            body,
            document -> {
              count[0]++;
              unidentified[0] |= document.revision().isEmpty() && document.path().isEmpty();
              if (keep && count[0] <= KEPT_MAX) {
                kept.add(document);
              } else {
                kept.clear();
              }
            });
    if (!outline.hasDocuments()) {
      throw ApiException.badRequest("POST body must include `docs` parameter.");
    }
    if (!outline.newEdits() && unidentified[0]) {
      throw ApiException.badRequest(
          "When `new_edits: false`, the document needs `_rev` or `_revisions` specified");
    }
    boolean all = keep && count[0] <= KEPT_MAX;
    return new Checked(outline.newEdits(), all ? Optional.of(kept) : Optional.empty());
  }

  private static Outline parse(SpooledBody body, Sink sink) throws IOException {
    DocumentParser documents = new DocumentParser();
    boolean newEdits = true;
    boolean hasDocuments = false;
    try (var in = body.open();
        JsonParser parser = Json.parser(in)) {
      JsonBodies.expectObject(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = Json.name(parser);
        JsonToken token = parser.nextToken();
        switch (name) {
          case "docs" -> {
            if (token != JsonToken.START_ARRAY) {
              throw ApiException.badRequest("`docs` parameter must be an array.");
            }
            if (hasDocuments) {
              throw ApiException.badRequest("`docs` parameter must be given once.");
            }
            hasDocuments = true;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
              sink.accept(documents.parse(parser));
            }
          }
          case "new_edits" -> {
            if (!token.isBoolean()) {
              throw ApiException.badRequest("`new_edits` parameter must be a boolean.");
            }
            newEdits = token == JsonToken.VALUE_TRUE;
          }
          case "all_or_nothing" -> {
            if (token == JsonToken.VALUE_TRUE) {
              throw new ApiException(
                  417, "not_implemented", "all_or_nothing is not supported");
            }
            Json.skipValue(parser);
          }
          default -> Json.skipValue(parser);
        }
      }
      Json.expectEnd(parser);
    } catch (JacksonException e) {
      throw DocumentUpdates.readFailure(e);
    }
    return new Outline(newEdits, hasDocuments);
  }

  /** Applies documents, many at a time. */
  private final class Edits {
    private final String db;
    private final Database database;
    private final boolean newEdits;
    private final Results results;
    private List<DocumentInput> waiting = new ArrayList<>();
    private long bytes;

    Edits(String db, Database database, boolean newEdits, Results results) {
      this.db = db;
      this.database = database;
      this.newEdits = newEdits;
      this.results = results;
    }

    void add(DocumentInput document) throws IOException {
      if (bytes + document.body().length > APPLIED_BYTES
          || waiting.size() == APPLIED_DOCUMENTS) {
        flush();
      }
      waiting.add(document);
      bytes += document.body().length;
    }

    void flush() throws IOException {
      List<DocumentInput> documents = waiting;
      waiting = new ArrayList<>();
      bytes = 0;
      apply(documents);
    }

    void apply(List<DocumentInput> documents) throws IOException {
      List<DocumentInput> named = new ArrayList<>(documents.size());
      for (DocumentInput document : documents) {
        DocumentInput input =
            document.id().isPresent() ? document : document.withId(uuids.next());
        DocumentUpdates.warnOfValidation(db, input);
        named.add(input);
      }
      results.add(newEdits ? database.update(named) : database.replicate(named));
    }
  }

  /** The answer: a row for each edit, or, of edits made elsewhere, for each that was refused. */
  private static final class Results {
    private static final int RESULT_BYTES_MAX = 8_000_000;

    private final HttpServletResponse response;
    private final boolean newEdits;
    private final JsonBuffer whole = new JsonBuffer().raw('[');
    private Optional<JsonStream> stream = Optional.empty();
    private boolean begun;

    Results(HttpServletResponse response, boolean newEdits) {
      this.response = response;
      this.newEdits = newEdits;
    }

    void add(List<UpdateResult> results) throws IOException {
      for (UpdateResult result : results) {
        if (result instanceof UpdateResult.Refused || newEdits) {
          JsonBuffer out = stream.map(JsonStream::buffer).orElse(whole);
          out.raw(begun ? "," : "");
          begun = true;
          row(out, result);
          checkpoint();
        }
      }
    }

    private static void row(JsonBuffer out, UpdateResult result) {
      switch (result) {
        case UpdateResult.Saved saved ->
            out.raw("{\"ok\":true,\"id\":")
                .string(saved.id())
                .raw(",\"rev\":")
                .string(saved.revision());
        case UpdateResult.Refused refused ->
            out.raw("{\"id\":")
                .string(refused.id())
                .raw(",\"error\":")
                .string(refused.reason().error())
                .raw(",\"reason\":")
                .string(refused.reason().reason());
      }
      out.raw('}');
    }

    /** A long answer is begun before the last edit is applied, so that it need not be held. */
    private void checkpoint() throws IOException {
      if (stream.isPresent()) {
        stream.get().checkpoint();
      } else if (whole.length() > RESULT_BYTES_MAX) {
        JsonStream begunStream = new JsonStream(response, 201);
        begunStream.buffer().raw(whole.toBytes());
        stream = Optional.of(begunStream);
      }
    }

    void end() throws IOException {
      if (stream.isPresent()) {
        stream.get().buffer().raw("]\n");
        stream.get().end();
      } else {
        Responses.json(response, 201, whole.raw(']'));
      }
    }
  }
}

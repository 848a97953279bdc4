package io.divan.api.document;

import io.divan.api.attachment.AttachmentSettings;
import io.divan.api.http.ApiException;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.JsonBodies;
import io.divan.api.http.JsonStream;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequestLimits;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.Responses;
import io.divan.api.http.SpooledBody;
import io.divan.api.http.Uuids;
import io.divan.document.Action;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentParser;
import io.divan.document.Principal;
import io.divan.document.UpdateResult;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.revision.Revision;
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
 * first edit is applied, so malformed or truncated input changes nothing. A body in memory
 * with at most {@value #PARSED_DOCUMENTS_MAX} documents is parsed once. Any other body is parsed
 * again to apply it, and once more before that if it has stubs of attachments, because a missing
 * one refuses all edits. A body that is too large for memory is kept in a file meanwhile.
 */
@Controller
@RequiresDatabase(Action.USE)
final class BulkDocsController {

  /** The maximum number of parsed documents in memory. */
  private static final int PARSED_DOCUMENTS_MAX = 100_000;

  private static final long BATCH_BYTES_MAX = 8_000_000;
  private static final int BATCH_DOCUMENTS_MAX = 20_000;

  private final Databases databases;
  private final RequestBodies bodies;
  private final RequestLimits limits;
  private final Uuids uuids;
  private final AttachmentSettings attachments;
  private final DocumentMeters meters;

  BulkDocsController(
      Databases databases,
      RequestBodies bodies,
      RequestLimits limits,
      Uuids uuids,
      AttachmentSettings attachments,
      DocumentMeters meters) {
    this.attachments = attachments;
    this.meters = meters;
    this.databases = databases;
    this.bodies = bodies;
    this.limits = limits;
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
      Results results;
      try (ContentReceiver receiver = receiver(database, body)) {
        Checked checked = check(body, receiver);
        results = new Results(response, checked.newEdits());
        if (checked.documents().isPresent()) {
          new Edits(db, database, checked.newEdits(), results, receiver)
              .apply(checked.documents().get());
        } else {
          receiver.endBatch();
          if (checked.hasStubs()) {
            checkStubs(database, checked.newEdits(), body);
          }
          applyAgain(db, database, checked.newEdits(), results, body);
        }
      }
      results.end();
    }
  }

  /** Receives the contents of the first pass, which applies a body in memory. */
  private ContentReceiver receiver(Database database, SpooledBody body) {
    return body.isInMemory()
        ? attachments.receiver(database)
        : checking();
  }

  private ContentReceiver checking() {
    return ContentReceiver.checking(limits.documents().attachmentBytes()::get);
  }

  /** Parses a body that has been checked once more, and applies its documents in batches. */
  private void applyAgain(
      String db, Database database, boolean newEdits, Results results, SpooledBody body)
      throws IOException {
    try (ContentReceiver receiver = attachments.receiver(database)) {
      Edits edits = new Edits(db, database, newEdits, results, receiver);
      Batches batches = new Batches(edits::applyBatch);
      parse(body, receiver, batches::add);
      batches.flush();
    }
  }

  private void checkStubs(Database database, boolean newEdits, SpooledBody body)
      throws IOException {
    try (ContentReceiver receiver = checking()) {
      Batches batches = new Batches(documents -> database.checkStubs(documents, !newEdits));
      parse(
          body,
          receiver,
          document -> {
            if (document.hasStubs()) {
              batches.add(document);
            }
          });
      batches.flush();
    }
  }

  /** Receives the documents of a body in their order. */
  @FunctionalInterface
  private interface Sink {
    void accept(DocumentInput document) throws IOException;
  }

  /** A valid request, with its documents if they fit in memory. */
  private record Checked(
      boolean newEdits, boolean hasStubs, Optional<List<DocumentInput>> documents) {}

  /** The members of a request other than its documents. */
  private record Outline(boolean newEdits, boolean hasDocuments) {}

  /** Parses and checks the whole body. Keeps its documents unless they are too many. */
  private Checked check(SpooledBody body, ContentReceiver receiver) throws IOException {
    List<DocumentInput> kept = new ArrayList<>();
    long[] count = {0};
    boolean keep = body.isInMemory();
    boolean[] lacksRevision = {false};
    boolean[] hasStubs = {false};
    Outline outline =
        parse(
            body,
            receiver,
            document -> {
              count[0]++;
              lacksRevision[0] |= document.revision().isEmpty() && document.path().isEmpty();
              hasStubs[0] |= document.hasStubs();
              if (keep && count[0] <= PARSED_DOCUMENTS_MAX) {
                kept.add(document);
              } else {
                kept.clear();
              }
            });
    if (!outline.hasDocuments()) {
      throw ApiException.badRequest("POST body must include `docs` parameter.");
    }
    if (!outline.newEdits() && lacksRevision[0]) {
      throw ApiException.badRequest(
          "When `new_edits: false`, the document needs `_rev` or `_revisions` specified");
    }
    meters.bulkDocs(count[0]);
    boolean all = keep && count[0] <= PARSED_DOCUMENTS_MAX;
    return new Checked(
        outline.newEdits(), hasStubs[0], all ? Optional.of(kept) : Optional.empty());
  }

  private Outline parse(SpooledBody body, ContentReceiver receiver, Sink sink)
      throws IOException {
    DocumentParser documents = new DocumentParser(limits.documents(), "", receiver, false);
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

  private DocumentInput withId(DocumentInput document) {
    return document.id().isPresent() ? document : document.withId(uuids.next());
  }

  /** Receives consecutive documents, all of which have ids. */
  @FunctionalInterface
  private interface BatchSink {
    void accept(List<DocumentInput> documents) throws IOException;
  }

  /** Collects documents in batches. */
  private final class Batches {
    private final BatchSink sink;
    private List<DocumentInput> batch = new ArrayList<>();
    private long batchBytes;

    Batches(BatchSink sink) {
      this.sink = sink;
    }

    void add(DocumentInput document) throws IOException {
      DocumentInput identified = withId(document);
      batch.add(identified);
      batchBytes += identified.transactionBytes();
      if (batchBytes > BATCH_BYTES_MAX || batch.size() == BATCH_DOCUMENTS_MAX) {
        flush();
      }
    }

    void flush() throws IOException {
      List<DocumentInput> documents = batch;
      batch = new ArrayList<>();
      batchBytes = 0;
      sink.accept(documents);
    }
  }

  /** Applies documents. */
  private final class Edits {
    private final String db;
    private final Database database;
    private final boolean newEdits;
    private final Results results;
    private final ContentReceiver receiver;

    Edits(
        String db,
        Database database,
        boolean newEdits,
        Results results,
        ContentReceiver receiver) {
      this.receiver = receiver;
      this.db = db;
      this.database = database;
      this.newEdits = newEdits;
      this.results = results;
    }

    void applyBatch(List<DocumentInput> documents) throws IOException {
      apply(documents);
      receiver.endBatch(); // all contents received so far belong to this batch
    }

    void apply(List<DocumentInput> documents) throws IOException {
      List<DocumentInput> inputs = new ArrayList<>(documents.size());
      for (DocumentInput document : documents) {
        DocumentInput input = withId(document);
        DocumentUpdates.warnIfValidates(db, input);
        inputs.add(input);
      }
      List<UpdateResult> applied =
          newEdits ? database.update(inputs) : database.replicate(inputs);
      meters.applied(inputs, applied, !newEdits);
      results.add(inputs, applied);
    }
  }

  /** Writes a row for each edit, or with {@code new_edits=false} for each refused edit. */
  private static final class Results {
    private static final int BUFFERED_BYTES_MAX = 8_000_000;

    private final HttpServletResponse response;
    private final boolean newEdits;
    private final JsonBuffer buffered = new JsonBuffer().raw('[');
    private Optional<JsonStream> stream = Optional.empty();
    private boolean hasRows;

    Results(HttpServletResponse response, boolean newEdits) {
      this.response = response;
      this.newEdits = newEdits;
    }

    void add(List<DocumentInput> edits, List<UpdateResult> results) throws IOException {
      for (int i = 0; i < results.size(); i++) {
        UpdateResult result = results.get(i);
        if (result instanceof UpdateResult.Refused || newEdits) {
          JsonBuffer out = stream.map(JsonStream::buffer).orElse(buffered);
          out.raw(hasRows ? "," : "");
          hasRows = true;
          boolean shown = !newEdits && !DocumentIds.isLocal(result.id());
          row(out, shown ? edits.get(i).base() : Optional.empty(), result);
          checkpoint();
        }
      }
    }

    /**
     * Writes a row.
     *
     * @param replicated the revision of a replicated edit; local documents have none
     */
    private static void row(
        JsonBuffer out, Optional<Revision> replicated, UpdateResult result) {
      switch (result) {
        case UpdateResult.Saved saved ->
            out.raw("{\"ok\":true,\"id\":")
                .string(saved.id())
                .raw(",\"rev\":")
                .string(saved.revision());
        case UpdateResult.Refused refused -> {
          out.raw("{\"id\":").string(refused.id());
          replicated.ifPresent(
              revision -> out.raw(",\"rev\":").string(revision.toString()));
          out.raw(",\"error\":").string(refused.reason().error());
          out.raw(",\"reason\":").string(refused.reason().reason());
        }
      }
      out.raw('}');
    }

    /** Starts to send a long response before the last edit is applied, to limit its memory. */
    private void checkpoint() throws IOException {
      if (stream.isPresent()) {
        stream.get().checkpoint();
      } else if (buffered.length() > BUFFERED_BYTES_MAX) {
        JsonStream started = new JsonStream(response, 201);
        started.buffer().raw(buffered.toBytes());
        stream = Optional.of(started);
      }
    }

    void end() throws IOException {
      if (stream.isPresent()) {
        stream.get().buffer().raw("]\n");
        stream.get().end();
      } else {
        Responses.json(response, 201, buffered.raw(']'));
      }
    }
  }
}

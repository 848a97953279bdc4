package io.divan.api.document;

import io.divan.api.attachment.Negotiation;
import io.divan.api.http.ApiException;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.JsonBodies;
import io.divan.api.http.Parameters;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequiresDatabase;
import io.divan.document.Action;
import io.divan.document.AttachmentOptions;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.DocumentIds;
import io.divan.document.FoundDocument;
import io.divan.document.OpenRevisions;
import io.divan.document.Principal;
import io.divan.document.ReadOptions;
import io.divan.document.revision.Revision;
import io.divan.json.Json;
import io.divan.json.JsonValue;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
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
 * {@code _bulk_get}: many documents or revisions in one request. The response has one result for
 * each entry, in the order of the request; the result of an invalid entry is an error.
 */
@Controller
@RequiresDatabase(Action.USE)
final class BulkGetController {
  private static final JsonValue NULL = JsonValue.Literal.NULL;

  private final Databases databases;
  private final RequestBodies bodies;
  private final DocumentMeters meters;

  BulkGetController(Databases databases, RequestBodies bodies, DocumentMeters meters) {
    this.meters = meters;
    this.databases = databases;
    this.bodies = bodies;
  }

  /** One entry of a request. */
  private sealed interface Entry {

    record Valid(OpenRevisions.Request request) implements Entry {}

    /** The {@code id} and {@code rev} are sent back as they came, or as null. */
    record Invalid(JsonValue id, JsonValue revision, String error, String reason)
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
    Negotiation.Form form =
        Negotiation.bulkGet(Collections.list(request.getHeaders("Accept")));
    boolean multipart = form != Negotiation.Form.JSON;
    AttachmentOptions attachments =
        new AttachmentOptions(
            multipart || parameters.isTrue("attachments"),
            multipart || parameters.isTrue("att_encoding_info"),
            List.of());
    List<Entry> entries =
        read(bodies.bytes(request), parameters.isTrue("latest"), attachments);
    List<OpenRevisions.Request> requests = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      if (entry instanceof Entry.Valid valid) {
        requests.add(valid.request());
      }
    }
    meters.bulkGet(entries.size());
    ReadOptions options = ReadOptions.revisions(parameters.isTrue("revs"));
    new Writer(
        database.openRevisions(requests, options),
        requests,
        BulkGetResponse.begin(response, form, attachments.encodingInfo()),
        meters)
        .write(entries);
  }

  private static List<Entry> read(
      byte[] json, boolean latest, AttachmentOptions attachments) {
    Optional<List<Entry>> entries = Optional.empty();
    try (JsonParser parser = Json.parser(json)) {
      JsonBodies.expectObject(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = Json.name(parser);
        JsonToken token = parser.nextToken();
        if (!name.equals("docs")) {
          Json.skipValue(parser);
        } else if (token == JsonToken.START_ARRAY) {
          List<Entry> docs = new ArrayList<>();
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            docs.add(entry(parser, latest, attachments));
          }
          entries = Optional.of(docs);
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

  private static Entry entry(
      JsonParser parser, boolean latest, AttachmentOptions attachments) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return new Entry.Invalid(NULL, NULL, "bad_request", "document must be a JSON object");
    }
    Map<String, JsonValue> members = new HashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = Json.name(parser);
      parser.nextToken();
      members.put(name, JsonValue.read(parser));
    }
    if (members.isEmpty()) {
      return new Entry.Invalid(NULL, NULL, "bad_request", "document must be a JSON object");
    }
    JsonValue id = members.get("id");
    if (id == null) {
      return new Entry.Invalid(NULL, NULL, "bad_request", "document id missed");
    }
    if (!(id instanceof JsonValue.Str(String idText))) {
      return new Entry.Invalid(id, NULL, "illegal_docid", "Document id must be a string");
    }
    try {
      DocumentIds.check(idText);
    } catch (DocumentException e) {
      return new Entry.Invalid(id, NULL, e.error(), e.reason());
    }
    Optional<List<Revision>> wanted = Optional.empty();
    JsonValue revision = members.get("rev");
    if (revision != null) {
      Optional<Revision> parsed = revision.asString().flatMap(Revision::parse);
      if (parsed.isEmpty()) {
        return invalidRevision(id, revision);
      }
      wanted = Optional.of(List.of(parsed.get()));
    }
    List<Revision> since = new ArrayList<>();
    JsonValue known = members.get("atts_since");
    if (known instanceof JsonValue.Arr(List<JsonValue> elements)) {
      for (JsonValue element : elements) {
        Optional<Revision> parsed = element.asString().flatMap(Revision::parse);
        if (parsed.isEmpty()) {
          return invalidRevision(id, element);
        }
        since.add(parsed.get());
      }
    } else if (known != null) {
      return new Entry.Invalid(
          id, known, "bad_request", "att_since value must be array of revs."); // as in CouchDB
    }
    return new Entry.Valid(
        new OpenRevisions.Request(
            idText, wanted, latest, Optional.of(since(attachments, since))));
  }

  private static Entry invalidRevision(JsonValue id, JsonValue revision) {
    return new Entry.Invalid(id, revision, "bad_request", "Invalid rev format");
  }

  /** How the attachments of one document are shown; an empty list has no effect. */
  private static AttachmentOptions since(AttachmentOptions all, List<Revision> since) {
    return since.isEmpty()
        ? all
        : new AttachmentOptions(true, all.encodingInfo(), List.copyOf(since));
  }

  /** Writes the results of each entry. */
  private static final class Writer {
    private final OpenRevisions revisions;
    private final List<OpenRevisions.Request> requests;
    private final BulkGetResponse response;
    private final DocumentMeters meters;
    private List<OpenRevisions.Answer> answers = List.of();
    private int next;

    Writer(
        OpenRevisions revisions,
        List<OpenRevisions.Request> requests,
        BulkGetResponse response,
        DocumentMeters meters) {
      this.meters = meters;
      this.revisions = revisions;
      this.requests = requests;
      this.response = response;
    }

    void write(List<Entry> entries) throws IOException {
      int request = 0;
      for (Entry entry : entries) {
        switch (entry) {
          case Entry.Invalid invalid -> {
            response.beginEntry(invalid.id());
            response.error(
                invalid.id(), invalid.revision(), invalid.error(), invalid.reason());
          }
          case Entry.Valid valid -> {
            response.beginEntry(new JsonValue.Str(valid.request().id()));
            documents(request++);
          }
        }
      }
      response.end();
    }

    private void documents(int request) throws IOException {
      while (hasNext() && answers.get(next).request() == request) {
        answer(answers.get(next++));
      }
    }

    /** Whether there is another answer; reads the next batch of answers if necessary. */
    private boolean hasNext() {
      while (next == answers.size() && revisions.hasNext()) {
        answers = revisions.next();
        next = 0;
      }
      return next < answers.size();
    }

    private void answer(OpenRevisions.Answer answer) throws IOException {
      String id = requests.get(answer.request()).id();
      switch (answer) {
        case OpenRevisions.Answer.Found found -> {
          FoundDocument document = found.document();
          meters.read(document.json(), document.attachments());
          response.document(id, document);
        }
        case OpenRevisions.Answer.Missing missing ->
            error(id, missing.revision(), "not_found", "missing");
        case OpenRevisions.Answer.Refused refused ->
            error(id, "undefined", refused.reason().error(), refused.reason().reason());
        case OpenRevisions.Answer.NoDocument none ->
            error(id, "undefined", "not_found", "missing");
      }
    }

    private void error(String id, String revision, String error, String reason)
        throws IOException {
      response.error(new JsonValue.Str(id), new JsonValue.Str(revision), error, reason);
    }
  }
}

package io.divan.api.document;

import io.divan.api.attachment.AttachmentSettings;
import io.divan.api.attachment.HeaderValue;
import io.divan.api.attachment.Negotiation;
import io.divan.api.http.ApiException;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.GivenRevision;
import io.divan.api.http.Parameters;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequestLimits;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.Responses;
import io.divan.document.Action;
import io.divan.document.AttachmentOptions;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentParser;
import io.divan.document.FoundDocument;
import io.divan.document.OpenRevisions;
import io.divan.document.Principal;
import io.divan.document.ReadOptions;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.revision.Revision;
import io.divan.json.JsonValue;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;

/** Single documents, including design and local documents. */
@Controller
@RequiresDatabase(Action.USE)
final class DocumentController {
  private final Databases databases;
  private final RequestBodies bodies;
  private final RequestLimits limits;
  private final AttachmentSettings attachments;
  private final DocumentMeters meters;

  DocumentController(
      Databases databases,
      RequestBodies bodies,
      RequestLimits limits,
      AttachmentSettings attachments,
      DocumentMeters meters) {
    this.attachments = attachments;
    this.meters = meters;
    this.databases = databases;
    this.bodies = bodies;
    this.limits = limits;
  }

  @GetMapping({Paths.DOCUMENT, Paths.DESIGN, Paths.LOCAL})
  void get(
      @PathVariable("db") String db,
      Principal principal,
      @PathVariable Map<String, String> path,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Parameters parameters = Parameters.of(request);
    Database database = databases.openForRequest(db, principal);
    String id = DocumentIds.check(Paths.documentId(path));
    AttachmentOptions shown = attachments(parameters);
    Optional<Revision> revision = parameters.revision("rev");
    Optional<Optional<List<Revision>>> open = openRevisions(parameters);
    if (open.isPresent()) {
      OpenRevisions.Request wanted =
          new OpenRevisions.Request(id, open.get(), parameters.isTrue("latest"));
      boolean multipart =
          Negotiation.openRevisions(Collections.list(request.getHeaders(
              "Accept"))) == Negotiation.Form.MIXED;
      boolean head = "HEAD".equals(request.getMethod());
      AttachmentOptions all =
          head
              ? AttachmentOptions.STUBS
              : multipart ? new AttachmentOptions(true, true, shown.since()) : shown;
      OpenRevisions found =
          database.openRevisions(
              List.of(wanted), ReadOptions.revisions(parameters.isTrue("revs")).with(all));
      OpenRevisionsResponse answer =
          new OpenRevisionsResponse(response, found, all.encodingInfo(), meters);
      if (head) {
        answer.head(multipart);
      } else {
        answer.write(multipart);
      }
      return;
    }
    ReadOptions options = options(parameters).with(shown);
    FoundDocument document =
        revision.isPresent() && !DocumentIds.isLocal(id)
            ? database.get(
                id, revision.get(), parameters.isTrue("latest"), options)
            : database.get(id, parameters.isTrue("deleted"), options);
    if (DocumentIds.isLocal(id) && revision.isPresent()) {
      throw new DocumentException.NotFound("missing"); // as in CouchDB, whatever the revision
    }
    meters.read(document.json(), document.attachments());
    if (document.fixed()
        && Responses.isNotModified(request, response, DocumentUpdates.etag(id, document))) {
      return;
    }
    DocumentResponse.write(request, response, document, shown.encodingInfo());
  }

  @PutMapping({Paths.DOCUMENT, Paths.DESIGN, Paths.LOCAL})
  void put(
      @PathVariable("db") String db,
      Principal principal,
      @PathVariable Map<String, String> path,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Parameters parameters = Parameters.of(request);
    Database database = databases.openForRequest(db, principal);
    String id = limits.documents().checkId(Paths.documentId(path));
    if (!RequestBodies.hasBody(request)) {
      throw ApiException.badRequest("Missing request body");
    }
    try (ContentReceiver receiver = attachments.receiver(database)) {
      DocumentInput input = body(request, id, receiver).withId(id);
      Optional<Revision> given = GivenRevision.of(request, parameters, input.revision());
      DocumentUpdates.apply(
          request,
          response,
          database,
          given.map(input::withRevision).orElse(input),
          parameters,
          meters);
    }
  }

  private DocumentInput body(HttpServletRequest request, String id, ContentReceiver receiver)
      throws IOException {
    Optional<RelatedUpload> related =
        RelatedUpload.of(request, limits.documents(), receiver);
    return related.isPresent()
        ? related.get().read(bodies.stream(request), id)
        : DocumentUpdates.read(
            new DocumentParser(limits.documents(), id, receiver, false),
            bodies.stream(request));
  }

  /** Stores files that a browser's form contains. */
  @PostMapping({Paths.DOCUMENT, Paths.DESIGN, Paths.LOCAL})
  void post(
      @PathVariable("db") String db,
      Principal principal,
      @PathVariable Map<String, String> path,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.openForRequest(db, principal);
    Responses.expectReferer(request);
    String id = limits.documents().checkId(Paths.documentId(path));
    HeaderValue type = FormUpload.type(request);
    try (ContentReceiver receiver = attachments.receiver(database)) {
      FormUpload form = new FormUpload(limits.documents(), id, receiver);
      form.read(bodies.stream(request), type);
      DocumentInput edit =
          form.document().isPresent()
              ? withRevision(form.document().get(), request)
              : before(database, id, form.revision());
      DocumentUpdates.applyForm(
          response, database, form.addTo(edit).withId(id), meters);
    }
  }

  private static DocumentInput withRevision(DocumentInput input, HttpServletRequest request) {
    return GivenRevision.of(request, Parameters.of(request), input.revision())
        .map(input::withRevision)
        .orElse(input);
  }

  private static DocumentInput before(Database database, String id, Revision revision) {
    try {
      return database.copyOf(id, Optional.of(revision)).withRevision(revision);
    } catch (DocumentException.NotFound e) {
      throw new DocumentException.Conflict();
    }
  }

  @DeleteMapping({Paths.DOCUMENT, Paths.DESIGN, Paths.LOCAL})
  void delete(
      @PathVariable("db") String db,
      Principal principal,
      @PathVariable Map<String, String> path,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Parameters parameters = Parameters.of(request);
    Database database = databases.openForRequest(db, principal);
    String id = DocumentIds.check(Paths.documentId(path));
    Optional<Revision> given;
    try {
      given = GivenRevision.of(request, parameters, Optional.empty());
    } catch (ApiException e) {
      database.get(id, false, ReadOptions.NONE); // as in CouchDB, 404 takes precedence
      throw e;
    }
    // As in CouchDB, local documents are deleted whatever their revision.
    Optional<Revision> base = DocumentIds.isLocal(id) ? Optional.empty() : given;
    DocumentUpdates.apply(
        request, response, database, DocumentInput.deletion(id, base), parameters,
        meters);
  }

  private static ReadOptions options(Parameters parameters) {
    boolean meta = parameters.isTrue("meta");
    return new ReadOptions(
        parameters.isTrue("revs"),
        meta || parameters.isTrue("revs_info"),
        meta || parameters.isTrue("conflicts"),
        meta || parameters.isTrue("deleted_conflicts"),
        parameters.isTrue("local_seq"));
  }

  /** How attachments are shown; {@code atts_since} implies their contents. */
  private static AttachmentOptions attachments(Parameters parameters) {
    Optional<List<Revision>> since =
        parameters.get("atts_since").map(DocumentController::revisions);
    return new AttachmentOptions(
        parameters.isTrue("attachments") || since.isPresent(),
        parameters.isTrue("att_encoding_info"),
        since.orElse(List.of()));
  }

  /** The revisions of {@code open_revs}: the inner value is empty for all leaves. */
  private static Optional<Optional<List<Revision>>> openRevisions(Parameters parameters) {
    Optional<String> asked = parameters.get("open_revs");
    if (asked.isEmpty()) {
      return Optional.empty();
    }
    if (asked.get().equals("all")) {
      return Optional.of(Optional.empty());
    }
    List<Revision> revisions = revisions(asked.get());
    return revisions.isEmpty() ? Optional.empty() : Optional.of(Optional.of(revisions));
  }

  private static List<Revision> revisions(String json) {
    List<JsonValue> values =
        Parameters.elements(json)
            .orElseThrow(() -> ApiException.badRequest("Invalid list of revisions"));
    List<Revision> revisions = new ArrayList<>(values.size());
    for (JsonValue value : values) {
      revisions.add(
          value.asString().flatMap(Revision::parse).orElseThrow(ApiException::invalidRevision));
    }
    return revisions;
  }
}

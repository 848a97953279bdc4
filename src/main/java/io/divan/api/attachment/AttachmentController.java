package io.divan.api.attachment;

import io.divan.api.http.ApiException;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.GivenRevision;
import io.divan.api.http.Parameters;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestLimits;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.Responses;
import io.divan.document.Action;
import io.divan.document.AttachmentInput;
import io.divan.document.AttachmentNames;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentInput;
import io.divan.document.FoundAttachment;
import io.divan.document.Principal;
import io.divan.document.UpdateResult;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.ReceivedContent;
import io.divan.document.revision.Revision;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** Single attachments of documents. */
@Controller
@RequiresDatabase(Action.USE)
final class AttachmentController {
  private static final String OF_DOCUMENT =
      Paths.DATABASE + "/{id:(?s)[^_].*|_design\\x2F.+|_local\\x2F.+}/{*attachment}";

  private static final String OF_DESIGN = Paths.DATABASE + "/_design/{design}/{*attachment}";
  private static final String OF_LOCAL = Paths.DATABASE + "/_local/{local}/{*attachment}";

  private static final String BINARY = "application/octet-stream";

  private final Databases databases;
  private final RequestLimits limits;
  private final AttachmentSettings settings;
  private final CspSettings csp;
  private final DocumentMeters meters;

  AttachmentController(
      Databases databases,
      RequestLimits limits,
      AttachmentSettings settings,
      CspSettings csp,
      DocumentMeters meters) {
    this.databases = databases;
    this.limits = limits;
    this.settings = settings;
    this.csp = csp;
    this.meters = meters;
  }

  @GetMapping({OF_DOCUMENT, OF_DESIGN})
  void get(
      @PathVariable("db") String db,
      Principal principal,
      @PathVariable Map<String, String> path,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.openForRequest(db, principal);
    String id = documentId(path);
    String name = AttachmentPath.name(request);
    Parameters parameters = Parameters.of(request);
    Optional<Revision> revision = parameters.revision("rev");
    FoundAttachment found =
        revision.isPresent() && parameters.isTrue("latest")
            ? database.latestAttachment(id, name, revision.get())
            : database.attachment(id, name, revision, parameters.isTrue("deleted"));
    meters.read(1, 0);
    new AttachmentResponse(request, response, csp).send(found);
  }

  @PutMapping({OF_DOCUMENT, OF_DESIGN})
  void put(
      @PathVariable("db") String db,
      Principal principal,
      @PathVariable Map<String, String> path,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.openForRequest(db, principal);
    String id = limits.documents().checkId(documentId(path));
    String name = AttachmentNames.check(AttachmentPath.name(request));
    boolean gzipped = isGzipped(request);
    Optional<Revision> given = givenRevision(request);
    DocumentInput before = before(database, id, given);
    AttachmentBody body = new AttachmentBody(request, limits.documents().attachmentBytes());
    String type =
        Optional.ofNullable(request.getHeader("Content-Type"))
            .map(HeaderText::received)
            .orElse(BINARY);
    try (ContentReceiver receiver = settings.receiver(database)) {
      ReceivedContent content = body.receive(receiver, name, type, gzipped);
      AttachmentInput attachment =
          new AttachmentInput.Received(name, type, content, OptionalLong.empty());
      DocumentInput edit =
          before.withAttachments(with(attachment, before.attachments())).withId(id);
      UpdateResult.Saved saved = meters.update(database, edit);
      Responses.location(request, response, database.name(), saved.id(), name);
      Responses.saved(response, 201, saved);
    }
  }

  @DeleteMapping({OF_DOCUMENT, OF_DESIGN})
  void delete(
      @PathVariable("db") String db,
      Principal principal,
      @PathVariable Map<String, String> path,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.openForRequest(db, principal);
    String id = documentId(path);
    String name = AttachmentPath.name(request);
    Optional<Revision> given = givenRevision(request);
    DocumentInput before =
        given.isPresent()
            ? before(database, id, given)
            : database.copyOf(id, Optional.empty());
    List<AttachmentInput> rest =
        before.attachments().stream().filter(one -> !one.name().equals(name)).toList();
    if (rest.size() == before.attachments().size()) {
      throw new DocumentException.NotFound("Document is missing attachment");
    }
    if (given.isEmpty()) {
      throw new DocumentException.Conflict();
    }
    DocumentInput edit = before.withAttachments(rest).withId(id);
    Responses.saved(response, 200, meters.update(database, edit));
  }

  @RequestMapping({OF_DOCUMENT, OF_DESIGN})
  void other(@PathVariable("db") String db, Principal principal) {
    databases.open(db, principal);
    throw ApiException.methodNotAllowed("DELETE,GET,HEAD,PUT");
  }

  @RequestMapping(OF_LOCAL)
  void local(@PathVariable("db") String db, Principal principal) {
    databases.open(db, principal);
    throw localRefused();
  }

  private static ApiException localRefused() {
    return ApiException.badRequest("_local documents do not accept attachments.");
  }

  private static String documentId(Map<String, String> path) {
    String id = DocumentIds.check(Paths.documentId(path));
    if (DocumentIds.isLocal(id)) {
      throw localRefused();
    }
    return id;
  }

  private static boolean isGzipped(HttpServletRequest request) {
    String encoding = request.getHeader("Content-Encoding");
    if (encoding == null || encoding.strip().equalsIgnoreCase("identity")) {
      return false;
    }
    if (encoding.strip().equalsIgnoreCase("gzip")) {
      return true;
    }
    throw new ApiException(
        415,
        "bad_content_type",
        "Only gzip and identity content-encodings are supported");
  }

  private static Optional<Revision> givenRevision(HttpServletRequest request) {
    return GivenRevision.of(request, Parameters.of(request), Optional.empty());
  }

  /** The content of the revision that the request names; nothing without one. */
  private static DocumentInput before(
      Database database, String id, Optional<Revision> given) {
    if (given.isEmpty()) {
      database.check(Action.USE); // before the body is read
      return DocumentInput.empty(id);
    }
    try {
      return database.copyOf(id, given).withRevision(given.get());
    } catch (DocumentException.NotFound e) {
      throw new ApiException(409, "not_found", "missing_rev");
    }
  }

  /** Puts an attachment before the others, as CouchDB does. */
  private static List<AttachmentInput> with(
      AttachmentInput attachment, List<AttachmentInput> others) {
    List<AttachmentInput> all = new ArrayList<>(others.size() + 1);
    all.add(attachment);
    others.stream().filter(one -> !one.name().equals(attachment.name())).forEach(all::add);
    return all;
  }
}

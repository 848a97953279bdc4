package io.divan.api.document;

import io.divan.api.http.ApiException;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.GivenRevision;
import io.divan.api.http.Parameters;
import io.divan.api.http.Percent;
import io.divan.api.http.RequestLimits;
import io.divan.api.http.Responses;
import io.divan.document.Database;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentInput;
import io.divan.document.UpdateResult;
import io.divan.document.revision.Revision;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** {@code COPY}: stores a document's content under another id of the same database. */
@Component
final class DocumentCopies {

  /**
   * The target of a copy.
   *
   * @param id the document to write
   * @param revision the revision to replace; empty to create the document
   */
  private record Destination(String id, Optional<Revision> revision) {}

  private final RequestLimits limits;
  private final DocumentMeters meters;

  DocumentCopies(RequestLimits limits, DocumentMeters meters) {
    this.meters = meters;
    this.limits = limits;
  }

  void copy(
      Database database, String id, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Optional<Revision> wanted =
        GivenRevision.of(request, Parameters.of(request), Optional.empty());
    Destination to = destination(request.getHeader("Destination"));
    DocumentInput copied =
        database.copyOf(DocumentIds.check(id), wanted).withId(limits.documents().checkId(to.id()));
    DocumentInput input = to.revision().map(copied::withRevision).orElse(copied);
    UpdateResult.Saved saved = meters.update(database, input);
    DocumentUpdates.warnIfValidates(database.name(), input);
    response.setHeader("ETag", '"' + saved.revision() + '"');
    Responses.location(request, response, database.name(), saved.id());
    Responses.saved(response, 201, saved);
  }

  /** Parses a percent-encoded id with an optional {@code ?rev=}. Any parameter name is accepted. */
  private static Destination destination(String header) {
    if (header == null) {
      throw ApiException.badRequest("Destination header is mandatory for COPY.");
    }
    if (header.startsWith("http://") || header.startsWith("https://")) {
      throw ApiException.badRequest("Destination URL must be relative.");
    }
    String[] parts = header.split("\\?", -1);
    String id =
        Percent.text(Percent.decode(parts[0]))
            .orElseThrow(() -> DocumentIds.illegal("Document id must be valid UTF-8"));
    if (parts.length == 1) {
      return new Destination(id, Optional.empty());
    }
    String[] parameter = parts[1].split("=", -1);
    if (parts.length > 2 || parameter.length != 2) {
      throw ApiException.badRequest(
          "Destination must be a document id, or one with ?rev=REVISION");
    }
    Revision revision =
        Revision.parse(parameter[1]).orElseThrow(ApiException::invalidRevision);
    return new Destination(id, Optional.of(revision));
  }
}

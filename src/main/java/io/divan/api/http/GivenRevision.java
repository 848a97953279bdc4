package io.divan.api.http;

import io.divan.document.revision.Revision;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/** The revision that a request names. */
public final class GivenRevision {

  private GivenRevision() {}

  /** The revision in the body, the query or the If-Match header. They must not differ. */
  public static Optional<Revision> of(
      HttpServletRequest request, Parameters parameters, Optional<Revision> body) {
    Optional<Revision> query = parameters.revision("rev");
    if (query.isPresent() && body.isPresent() && !query.equals(body)) {
      throw ApiException.badRequest(
          "Document rev from request body and query string have different values");
    }
    Optional<Revision> given = query.or(() -> body);
    String header = request.getHeader("If-Match");
    if (header == null) {
      return given;
    }
    Revision match =
        Revision.parse(unquote(header)).orElseThrow(ApiException::invalidRevision);
    if (given.isPresent() && !given.get().equals(match)) {
      throw ApiException.badRequest("Document rev and etag have different values");
    }
    return Optional.of(match);
  }

  private static String unquote(String etag) {
    String text = etag.strip();
    String strong = text.startsWith("W/") ? text.substring(2) : text;
    return strong.length() >= 2 && strong.startsWith("\"") && strong.endsWith("\"")
        ? strong.substring(1, strong.length() - 1)
        : strong;
  }
}

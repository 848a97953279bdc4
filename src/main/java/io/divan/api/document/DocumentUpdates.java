package io.divan.api.document;

import io.divan.api.http.DocumentMeters;
import io.divan.api.http.Parameters;
import io.divan.api.http.Responses;
import io.divan.document.Database;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentParser;
import io.divan.document.FoundDocument;
import io.divan.document.ReadOptions;
import io.divan.document.UpdateResult;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/** Applies single edits, and sends their responses. */
public final class DocumentUpdates {
  private static final Logger LOG = LoggerFactory.getLogger(DocumentUpdates.class);
  private static final byte[] VALIDATION =
      "\"validate_doc_update\":".getBytes(StandardCharsets.US_ASCII);

  private DocumentUpdates() {}

  /** Reads a body that consists of one document. */
  public static DocumentInput read(DocumentParser documents, InputStream body) {
    try (JsonParser parser = Json.parser(body)) {
      parser.nextToken();
      DocumentInput input = documents.parse(parser);
      Json.expectEnd(parser);
      return input;
    } catch (JacksonException e) {
      throw readFailure(e);
    }
  }

  /** Translates an exception of the parser. A read error of the body remains as it is. */
  public static RuntimeException readFailure(JacksonException e) {
    return e instanceof tools.jackson.core.exc.JacksonIOException ? e : Json.malformed(e);
  }

  /** Applies one edit and sends the response. A refusal is thrown. */
  public static void apply(
      HttpServletRequest request,
      HttpServletResponse response,
      Database database,
      DocumentInput input,
      Parameters parameters,
      DocumentMeters meters)
      throws IOException {
    boolean replicated = "false".equals(parameters.get("new_edits").orElse(""));
    boolean deletes = "DELETE".equals(request.getMethod());
    if (replicated && deletes) {
      database.get(input.requireId(), false, ReadOptions.NONE); // 404 if it does not exist
    }
    UpdateResult result =
        replicated
            ? database.replicate(List.of(input)).getFirst()
            : deletes ? database.delete(input) : database.update(List.of(input)).getFirst();
    meters.applied(List.of(input), List.of(result), replicated);
    UpdateResult.Saved saved = result.orThrow();
    warnIfValidates(database.name(), input);
    if ("ok".equals(parameters.get("batch").orElse("")) && !deletes) {
      JsonBuffer out = new JsonBuffer().raw("{\"ok\":true,\"id\":").string(saved.id());
      Responses.json(response, 202, out.raw('}'));
      return;
    }
    headers(request, response, database.name(), input, saved);
    Responses.saved(response, input.deleted() ? 200 : 201, saved);
  }

  /** Applies the edit of a form, and sends the response. A refusal is thrown. */
  static void applyForm(
      HttpServletResponse response,
      Database database,
      DocumentInput input,
      DocumentMeters meters)
      throws IOException {
    UpdateResult.Saved saved = meters.update(database, input);
    warnIfValidates(database.name(), input);
    response.setHeader("ETag", etag(input, saved));
    Responses.saved(response, 201, saved);
  }

  private static String etag(DocumentInput input, UpdateResult.Saved saved) {
    return DocumentIds.isLocal(saved.id())
        ? Responses.etag(input.shownAs(saved.revision()))
        : '"' + saved.revision() + '"';
  }

  /** The ETag: the revision, or for local documents, whose revisions recur, a hash of the body. */
  static String etag(String id, FoundDocument document) {
    return DocumentIds.isLocal(id)
        ? Responses.etag(document.json())
        : '"' + document.revision() + '"';
  }

  /** Sets the headers that CouchDB sets: no ETag for POST and for deleted local documents. */
  private static void headers(
      HttpServletRequest request,
      HttpServletResponse response,
      String db,
      DocumentInput input,
      UpdateResult.Saved saved) {
    boolean local = DocumentIds.isLocal(saved.id());
    if (!"POST".equals(request.getMethod()) && !(local && input.deleted())) {
      response.setHeader("ETag", etag(input, saved));
    }
    if (!"DELETE".equals(request.getMethod())) {
      Responses.location(request, response, db, saved.id());
    }
  }

  /** Logs a warning if a design document has a validation function, which is not enforced. */
  static void warnIfValidates(String db, DocumentInput input) {
    if (DocumentIds.isDesign(input.requireId()) && contains(input.body(), VALIDATION)) {
      LOG.warn(
          "{} in {} has a validate_doc_update function: it is stored, but not enforced",
          input.requireId(),
          db);
    }
  }

  private static boolean contains(byte[] bytes, byte[] wanted) {
    for (int i = 0; i + wanted.length <= bytes.length; i++) {
      int j = 0;
      while (j < wanted.length && bytes[i + j] == wanted[j]) {
        j++;
      }
      if (j == wanted.length) {
        return true;
      }
    }
    return false;
  }
}

package io.divan.api.document;

import io.divan.api.http.DocumentMeters;
import io.divan.api.http.JsonStream;
import io.divan.document.DocumentException;
import io.divan.document.OpenRevisions;
import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * The response to {@code open_revs}: a JSON array, or {@code multipart/mixed} with one part per
 * revision.
 */
final class OpenRevisionsResponse {

  private OpenRevisionsResponse() {}

  static void write(
      HttpServletRequest request, HttpServletResponse response, OpenRevisions revisions,
      DocumentMeters meters)
      throws IOException {
    List<OpenRevisions.Answer> first = revisions.next();
    if (first.size() == 1 && first.getFirst() instanceof OpenRevisions.Answer.NoDocument) {
      throw new DocumentException.NotFound("missing");
    }
    if (!first.isEmpty() && first.getFirst() instanceof OpenRevisions.Answer.Refused refused) {
      throw refused.reason();
    }
    if (wantsMultipart(request)) {
      multipart(response, revisions, first, meters);
    } else {
      json(response, revisions, first, meters);
    }
  }

  /**
   * Decides as CouchDB: multipart if the request has no {@code Accept} header, or one that accepts
   * multipart and does not name {@code application/json}.
   */
  private static boolean wantsMultipart(HttpServletRequest request) {
    String accept = request.getHeader("Accept");
    if (accept == null) {
      return true;
    }
    String types = accept.toLowerCase(Locale.ROOT);
    return !types.contains("application/json")
        && (types.contains("*/*") || types.contains("multipart/"));
  }

  private static void json(
      HttpServletResponse response, OpenRevisions revisions, List<OpenRevisions.Answer> first,
      DocumentMeters meters)
      throws IOException {
    JsonStream stream = new JsonStream(response, 200);
    JsonBuffer out = stream.buffer();
    out.raw('[');
    List<OpenRevisions.Answer> answers = first;
    boolean begun = false;
    while (true) {
      for (OpenRevisions.Answer answer : answers) {
        out.raw(begun ? "," : "");
        begun = true;
        switch (answer) {
          case OpenRevisions.Answer.Found found -> {
            meters.read(1, found.document().json().length);
            out.raw("{\"ok\":").raw(found.document().json()).raw('}');
          }
          case OpenRevisions.Answer.Missing missing ->
              out.raw("{\"missing\":").string(missing.revision()).raw('}');
          case OpenRevisions.Answer.Refused refused -> throw refused.reason();
          case OpenRevisions.Answer.NoDocument none ->
              throw new IllegalStateException("A document disappeared within one transaction");
        }
        stream.checkpoint();
      }
      if (!revisions.hasNext()) {
        break;
      }
      answers = revisions.next();
    }
    out.raw("]\n");
    stream.end();
  }

  private static void multipart(
      HttpServletResponse response, OpenRevisions revisions, List<OpenRevisions.Answer> first,
      DocumentMeters meters)
      throws IOException {
    String boundary = UUID.randomUUID().toString().replace("-", "");
    JsonStream stream =
        new JsonStream(response, 200, "multipart/mixed; boundary=\"" + boundary + '"');
    JsonBuffer out = stream.buffer();
    out.raw("--").raw(boundary);
    List<OpenRevisions.Answer> answers = first;
    while (true) {
      for (OpenRevisions.Answer answer : answers) {
        switch (answer) {
          case OpenRevisions.Answer.Found found -> {
            meters.read(1, found.document().json().length);
            out.raw("\r\nContent-Type: application/json\r\n\r\n")
                .raw(found.document().json());
          }
          case OpenRevisions.Answer.Missing missing ->
              out.raw("\r\nContent-Type: application/json; error=\"true\"\r\n\r\n{\"missing\":")
                  .string(missing.revision())
                  .raw('}');
          case OpenRevisions.Answer.Refused refused -> throw refused.reason();
          case OpenRevisions.Answer.NoDocument none ->
              throw new IllegalStateException("A document disappeared within one transaction");
        }
        out.raw("\r\n--").raw(boundary);
        stream.checkpoint();
      }
      if (!revisions.hasNext()) {
        break;
      }
      answers = revisions.next();
    }
    out.raw("--");
    stream.end();
  }
}

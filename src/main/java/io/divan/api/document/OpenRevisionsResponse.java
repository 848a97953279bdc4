package io.divan.api.document;

import io.divan.api.attachment.AttachmentJson;
import io.divan.api.attachment.Boundary;
import io.divan.api.attachment.JsonStreamOutput;
import io.divan.api.attachment.MultipartWriter;
import io.divan.api.attachment.Negotiation;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.JsonStream;
import io.divan.api.http.Responses;
import io.divan.document.DocumentException;
import io.divan.document.FoundDocument;
import io.divan.document.OpenRevisions;
import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/**
 * The response to {@code open_revs}: a JSON array, or {@code multipart/mixed} with one part per
 * revision.
 */
final class OpenRevisionsResponse {
  private final HttpServletResponse response;
  private final OpenRevisions revisions;
  private final boolean encodingInfo;
  private final DocumentMeters meters;

  /**
   * Creates a response.
   *
   * @param encodingInfo whether JSON says how a content is stored
   */
  OpenRevisionsResponse(
      HttpServletResponse response,
      OpenRevisions revisions,
      boolean encodingInfo,
      DocumentMeters meters) {
    this.response = response;
    this.revisions = revisions;
    this.encodingInfo = encodingInfo;
    this.meters = meters;
  }

  /** Receives the revisions in their order. */
  private interface Sink {
    void found(FoundDocument document) throws IOException;

    void missing(String revision) throws IOException;
  }

  /** Sends the headers. The length of the body is unknown: it is read while it is sent. */
  void head(boolean multipart) {
    first();
    response.setContentType(
        multipart
            ? Boundary.random().contentType(Negotiation.Form.MIXED.type())
            : Responses.JSON);
  }

  void write(boolean multipart) throws IOException {
    List<OpenRevisions.Answer> first = first();
    if (multipart) {
      multipart(first);
    } else {
      json(first);
    }
  }

  private List<OpenRevisions.Answer> first() {
    List<OpenRevisions.Answer> first = revisions.next();
    if (first.size() == 1 && first.getFirst() instanceof OpenRevisions.Answer.NoDocument) {
      throw new DocumentException.NotFound("missing");
    }
    if (!first.isEmpty() && first.getFirst() instanceof OpenRevisions.Answer.Refused refused) {
      throw refused.reason();
    }
    return first;
  }

  private void json(List<OpenRevisions.Answer> first) throws IOException {
    JsonStream stream = new JsonStream(response, 200);
    JsonBuffer out = stream.buffer().raw('[');
    sendAll(
        first,
        new Sink() {
          private boolean begun;

          @Override
          public void found(FoundDocument document) throws IOException {
            next().raw("{\"ok\":");
            AttachmentJson.write(
                stream, document.json(), document.attachments(), encodingInfo);
            out.raw('}');
            stream.checkpoint();
          }

          @Override
          public void missing(String revision) throws IOException {
            next().raw("{\"missing\":").string(revision).raw('}');
            stream.checkpoint();
          }

          private JsonBuffer next() {
            out.raw(begun ? "," : "");
            begun = true;
            return out;
          }
        });
    out.raw("]\n");
    stream.end();
  }

  private void multipart(List<OpenRevisions.Answer> first) throws IOException {
    Boundary boundary = Boundary.random();
    Boundary inner = Boundary.random();
    JsonStream stream =
        new JsonStream(
            response, 200, boundary.contentType(Negotiation.Form.MIXED.type()));
    MultipartWriter writer = MultipartWriter.begin(new JsonStreamOutput(stream), boundary);
    sendAll(
        first,
        new Sink() {
          @Override
          public void found(FoundDocument document) throws IOException {
            writer.document(
                AttachmentJson.related(document.json(), document.attachments(), inner));
          }

          @Override
          public void missing(String revision) throws IOException {
            writer.error(
                new JsonBuffer().raw("{\"missing\":").string(revision).raw('}').toBytes());
          }
        });
    writer.end();
    stream.end();
  }

  private void sendAll(List<OpenRevisions.Answer> first, Sink sink) throws IOException {
    List<OpenRevisions.Answer> answers = first;
    while (true) {
      for (OpenRevisions.Answer answer : answers) {
        switch (answer) {
          case OpenRevisions.Answer.Found found -> {
            FoundDocument document = found.document();
            meters.read(document.json(), document.attachments());
            sink.found(document);
          }
          case OpenRevisions.Answer.Missing missing -> sink.missing(missing.revision());
          case OpenRevisions.Answer.Refused refused -> throw refused.reason();
          case OpenRevisions.Answer.NoDocument none ->
              throw new IllegalStateException("A document disappeared within one transaction");
        }
      }
      if (!revisions.hasNext()) {
        return;
      }
      answers = revisions.next();
    }
  }
}

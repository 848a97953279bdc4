package io.divan.api.document;

import io.divan.api.attachment.AttachmentJson;
import io.divan.api.attachment.Boundary;
import io.divan.api.attachment.JsonStreamOutput;
import io.divan.api.attachment.Negotiation;
import io.divan.api.attachment.RelatedDocument;
import io.divan.api.http.JsonStream;
import io.divan.api.http.Responses;
import io.divan.document.FoundDocument;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;

/** The response to a request for one document. */
final class DocumentResponse {

  private DocumentResponse() {}

  /**
   * Sends a document, with contents of attachments if it was read with some.
   *
   * @param encodingInfo whether JSON says how a content is stored
   */
  static void write(
      HttpServletRequest request,
      HttpServletResponse response,
      FoundDocument document,
      boolean encodingInfo)
      throws IOException {
    if (document.attachments().isEmpty()) {
      Responses.json(response, 200, document.json());
      return;
    }
    boolean head = "HEAD".equals(request.getMethod());
    if (Negotiation.document(Collections.list(request.getHeaders(
        "Accept"))) == Negotiation.Form.RELATED) {
      RelatedDocument related =
          AttachmentJson.related(
              document.json(), document.attachments(), Boundary.random());
      response.setContentLengthLong(related.length());
      JsonStream stream = new JsonStream(response, 200, related.contentType());
      if (!head) {
        related.writeTo(new JsonStreamOutput(stream));
        stream.end();
      }
      return;
    }
    response.setContentLengthLong(
        AttachmentJson.length(document.json(), document.attachments(), encodingInfo) + 1);
    JsonStream stream = new JsonStream(response, 200);
    if (!head) {
      AttachmentJson.write(stream, document.json(), document.attachments(), encodingInfo);
      stream.buffer().raw('\n');
      stream.end();
    }
  }
}

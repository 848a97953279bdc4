package io.divan.api.document;

import io.divan.api.attachment.AttachmentJson;
import io.divan.api.attachment.Boundary;
import io.divan.api.attachment.JsonStreamOutput;
import io.divan.api.attachment.MultipartWriter;
import io.divan.api.attachment.Negotiation;
import io.divan.api.http.JsonStream;
import io.divan.document.FoundDocument;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The response of {@code _bulk_get}: for each entry of the request its documents and errors. */
sealed interface BulkGetResponse {

  /** The results that follow are those of an entry. */
  void beginEntry(JsonValue id) throws IOException;

  /** Writes a document. */
  void document(String id, FoundDocument document) throws IOException;

  /** Writes an error. */
  void error(JsonValue id, JsonValue revision, String error, String reason) throws IOException;

  /** Ends the response. */
  void end() throws IOException;

  /**
   * Begins a response.
   *
   * @param encodingInfo whether JSON says how a content is stored
   */
  static BulkGetResponse begin(
      HttpServletResponse response, Negotiation.Form form, boolean encodingInfo)
      throws IOException {
    return form == Negotiation.Form.JSON
        ? new Json(new JsonStream(response, 200), encodingInfo)
        : new Multipart(response, form);
  }

  /** One JSON object. */
  final class Json implements BulkGetResponse {
    private final JsonStream stream;
    private final boolean encodingInfo;
    private boolean hasEntry;
    private boolean hasResult;

    private Json(JsonStream stream, boolean encodingInfo) {
      this.stream = stream;
      this.encodingInfo = encodingInfo;
      stream.buffer().raw("{\"results\":[");
    }

    @Override
    public void beginEntry(JsonValue id) throws IOException {
      JsonBuffer out = stream.buffer();
      out.raw(hasEntry ? "]},{\"id\":" : "{\"id\":");
      id.appendTo(out);
      out.raw(",\"docs\":[");
      hasEntry = true;
      hasResult = false;
      stream.checkpoint();
    }

    @Override
    public void document(String id, FoundDocument document) throws IOException {
      result().raw("{\"ok\":");
      AttachmentJson.write(stream, document.json(), document.attachments(), encodingInfo);
      stream.buffer().raw('}');
      stream.checkpoint();
    }

    @Override
    public void error(JsonValue id, JsonValue revision, String error, String reason)
        throws IOException {
      appendError(result().raw("{\"error\":"), id, revision, error, reason).raw('}');
      stream.checkpoint();
    }

    private JsonBuffer result() {
      JsonBuffer out = stream.buffer().raw(hasResult ? "," : "");
      hasResult = true;
      return out;
    }

    @Override
    public void end() throws IOException {
      stream.buffer().raw(hasEntry ? "]}]}\n" : "]}\n");
      stream.end();
    }
  }

  /** A part for each document, with the contents of its attachments, and for each error. */
  final class Multipart implements BulkGetResponse {
    private final JsonStream stream;
    private final MultipartWriter writer;
    private Boundary inner = Boundary.random();

    private Multipart(HttpServletResponse response, Negotiation.Form form) throws IOException {
      Boundary boundary = Boundary.randomOfBulkGet();
      stream = new JsonStream(response, 200, boundary.contentType(form.type()));
      writer = MultipartWriter.beginBulkGet(new JsonStreamOutput(stream), boundary);
    }

    @Override
    public void beginEntry(JsonValue id) {
      inner = Boundary.random();
    }

    @Override
    public void document(String id, FoundDocument document) throws IOException {
      writer.document(
          AttachmentJson.related(document.json(), document.attachments(), inner),
          id,
          document.revision());
    }

    @Override
    public void error(JsonValue id, JsonValue revision, String error, String reason)
        throws IOException {
      writer.error(appendError(new JsonBuffer(), id, revision, error, reason).toBytes());
    }

    @Override
    public void end() throws IOException {
      writer.end();
      stream.end();
    }
  }

  private static JsonBuffer appendError(
      JsonBuffer out, JsonValue id, JsonValue revision, String error, String reason) {
    id.appendTo(out.raw("{\"id\":"));
    revision.appendTo(out.raw(",\"rev\":"));
    return out.raw(",\"error\":").string(error).raw(",\"reason\":").string(reason).raw('}');
  }
}

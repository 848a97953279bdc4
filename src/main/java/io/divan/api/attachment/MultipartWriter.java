package io.divan.api.attachment;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a multipart body of unknown length, in CouchDB's framing. Two framings exist. {@code
 * open_revs} and byte ranges write the boundary after each part, and {@code _bulk_get} writes it
 * before each, and nothing at all without parts.
 */
public final class MultipartWriter {
  private static final String JSON = "application/json";
  private static final String JSON_ERROR = "application/json; error=\"true\"";

  private final OutputStream out;
  private final byte[] separator;
  private final boolean leading;
  private boolean begun;

  private MultipartWriter(OutputStream out, Boundary boundary, boolean leading) {
    this.out = out;
    this.separator = ascii("\r\n--" + boundary.text());
    this.leading = leading;
  }

  /** Begins the response to {@code open_revs}, or one with several byte ranges. */
  public static MultipartWriter begin(OutputStream out, Boundary boundary) throws IOException {
    out.write(boundary.delimiter());
    return new MultipartWriter(out, boundary, false);
  }

  /** Begins the response of {@code _bulk_get}. */
  public static MultipartWriter beginBulkGet(OutputStream out, Boundary boundary) {
    return new MultipartWriter(out, boundary, true);
  }

  /** Writes a document with its attachments. */
  public void document(RelatedDocument document) throws IOException {
    beginPart("\r\nContent-Type: " + document.contentType());
    document.writeTo(out);
    endPart();
  }

  /** Writes a document of {@code _bulk_get} with its attachments, its id and its revision. */
  public void document(RelatedDocument document, String id, String revision) throws IOException {
    if (document.attachments().isEmpty()) {
      beginPart("\r\nContent-Type: " + JSON);
    } else {
      beginPart(
          "\r\nX-Doc-Id: " + HeaderText.line(id)
              + "\r\nX-Rev-Id: " + revision
              + "\r\nContent-Type: " + RelatedBody.TYPE
              + "; boundary=" + document.boundary().text());
    }
    document.writeTo(out);
    endPart();
  }

  /** Writes a document that cannot be read: its error in JSON. */
  public void error(byte[] json) throws IOException {
    beginPart("\r\nContent-Type: " + JSON_ERROR);
    out.write(json);
    endPart();
  }

  /**
   * Writes a range of an attachment.
   *
   * @param contentType the type of the attachment
   * @param length the length of the whole attachment
   * @param content writes the range
   */
  void range(ByteRanges.Range range, String contentType, long length, AttachmentContent content)
      throws IOException {
    beginPart(
        "\r\nContent-Type: " + HeaderText.contentType(contentType)
            + "\r\nContent-Range: " + range.contentRange(length));
    ExactOutput.write(content, range.length(), out);
    endPart();
  }

  /** Writes the last boundary. */
  public void end() throws IOException {
    if (!leading) {
      out.write(ascii("--"));
    } else if (begun) {
      out.write(separator);
      out.write(ascii("--\r\n"));
    }
  }

  private void beginPart(String headers) throws IOException {
    begun = true;
    if (leading) {
      out.write(separator);
    }
    out.write((headers + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
  }

  private void endPart() throws IOException {
    if (!leading) {
      out.write(separator);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

package io.divan.api.attachment;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A document with the content of its attachments, as {@code multipart/related} in CouchDB's
 * framing. Without attachments to send it is the JSON alone.
 *
 * @param json the document with a {@code follows} member in each of the attachments; must not be
 *     modified
 * @param attachments the attachments to send, in the order of the document
 * @param boundary the boundary between the parts
 */
public record RelatedDocument(byte[] json, List<Attachment> attachments, Boundary boundary) {
  private static final String JSON = "application/json";

  /**
   * An attachment to send.
   *
   * @param encoding the encoding of the stored bytes, unless that is identity
   * @param length the number of bytes that the content writes
   */
  public record Attachment(
      String name,
      String contentType,
      Optional<String> encoding,
      long length,
      AttachmentContent content) {

    private byte[] headers() {
      String headers =
          "\r\nContent-Disposition: attachment; filename=\""
              + HeaderText.quoted(name)
              + "\"\r\nContent-Type: "
              + HeaderText.contentType(contentType)
              + "\r\nContent-Length: "
              + length
              + encoding.map(value -> "\r\nContent-Encoding: " + value).orElse("")
              + "\r\n\r\n";
      return headers.getBytes(StandardCharsets.UTF_8);
    }
  }

  public RelatedDocument {
    attachments = List.copyOf(attachments);
  }

  /** The {@code Content-Type} of the body. */
  public String contentType() {
    return attachments.isEmpty() ? JSON : boundary.contentType(RelatedBody.TYPE);
  }

  /** The exact number of bytes of the body. */
  public long length() {
    if (attachments.isEmpty()) {
      return json.length;
    }
    int delimiter = boundary.delimiter().length;
    long length = json.length;
    length += jsonHeaders().length + "\r\n".length() + delimiter + "--".length();
    for (Attachment attachment : attachments) {
      length += attachment.headers().length + attachment.length() + "\r\n".length() + delimiter;
    }
    return length;
  }

  /**
   * Writes the body.
   *
   * @throws IllegalStateException if the content of an attachment is not as long as stated
   */
  public void writeTo(OutputStream out) throws IOException {
    if (attachments.isEmpty()) {
      out.write(json);
      return;
    }
    out.write(jsonHeaders());
    out.write(json);
    out.write(separator());
    for (Attachment attachment : attachments) {
      out.write(attachment.headers());
      ExactOutput.write(attachment.content(), attachment.length(), out);
      out.write(separator());
    }
    out.write('-');
    out.write('-');
  }

  private byte[] jsonHeaders() {
    return bytes("--" + boundary.text() + "\r\nContent-Type: " + JSON + "\r\n\r\n");
  }

  private byte[] separator() {
    return bytes("\r\n--" + boundary.text());
  }

  private static byte[] bytes(String ascii) {
    return ascii.getBytes(StandardCharsets.US_ASCII);
  }
}

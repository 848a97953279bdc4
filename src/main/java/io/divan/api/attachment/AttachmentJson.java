package io.divan.api.attachment;

import io.divan.api.http.JsonStream;
import io.divan.document.ShownAttachment;
import io.divan.document.attachment.StoredContent;
import io.divan.document.revision.Attachment;
import io.divan.document.revision.Content;
import io.divan.json.JsonBuffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Documents with their attachments, which were read with contents: {@code _attachments} becomes the
 * last member of the document.
 */
public final class AttachmentJson {

  private AttachmentJson() {}

  /**
   * Appends a document with contents in base64. A content is sent while it is read, so that the
   * stream holds one buffer of it.
   *
   * @param json the document, without {@code _attachments} if there are any
   * @param encodingInfo whether members say how a content is stored
   */
  public static void write(
      JsonStream stream, byte[] json, List<ShownAttachment> attachments, boolean encodingInfo)
      throws IOException {
    JsonBuffer out = stream.buffer();
    if (attachments.isEmpty()) {
      out.raw(json);
      return;
    }
    append(out, json, attachments, encodingInfo, shown -> data(stream, shown));
    stream.checkpoint();
  }

  /** Returns how many bytes {@link #write} appends. */
  public static long length(
      byte[] json, List<ShownAttachment> attachments, boolean encodingInfo)
      throws IOException {
    JsonBuffer out = new JsonBuffer();
    append(out, json, attachments, encodingInfo, shown -> {});
    return out.length()
        + attachments.stream()
            .filter(shown -> shown.content().isPresent())
            .mapToLong(shown -> StoredContent.base64Length(shown.attachment().content()))
            .sum();
  }

  /** Appends the data of an attachment: the base64 of its content, or what stands for it. */
  @FunctionalInterface
  interface Data {
    void append(ShownAttachment shown) throws IOException;
  }

  static void append(
      JsonBuffer out,
      byte[] json,
      List<ShownAttachment> attachments,
      boolean encodingInfo,
      Data data)
      throws IOException {
    open(out, json);
    boolean first = true;
    for (ShownAttachment shown : attachments) {
      name(out, shown, first);
      first = false;
      if (shown.content().isEmpty()) {
        shown.stub(out, encodingInfo);
      } else {
        shown.open(out);
        out.raw(",\"data\":\"");
        data.append(shown);
        out.raw('"');
        shown.close(out, encodingInfo);
      }
    }
    out.raw("}}");
  }

  /** Appends the base64 of a content while it is read. */
  static void data(JsonStream stream, ShownAttachment shown) throws IOException {
    shown
        .content()
        .orElseThrow()
        .writeBase64(shown.attachment().content(), new JsonStreamOutput(stream));
    stream.checkpoint();
  }

  /**
   * Returns a document whose contents follow it, each as it is stored.
   *
   * @param json the document, without {@code _attachments} if there are any
   */
  public static RelatedDocument related(
      byte[] json, List<ShownAttachment> attachments, Boundary boundary) {
    if (attachments.isEmpty()) {
      return new RelatedDocument(json, List.of(), boundary);
    }
    JsonBuffer out = new JsonBuffer();
    open(out, json);
    List<RelatedDocument.Attachment> following = new ArrayList<>(attachments.size());
    boolean first = true;
    for (ShownAttachment shown : attachments) {
      name(out, shown, first);
      first = false;
      if (shown.content().isEmpty()) {
        shown.stub(out, true);
      } else {
        shown.open(out);
        out.raw(",\"length\":").number(shown.attachment().content().length());
        out.raw(",\"follows\":true");
        shown.close(out, true);
        following.add(following(shown.attachment(), shown.content().get()));
      }
    }
    return new RelatedDocument(out.raw("}}").toBytes(), following, boundary);
  }

  private static RelatedDocument.Attachment following(
      Attachment attachment, StoredContent stored) {
    Content content = attachment.content();
    return new RelatedDocument.Attachment(
        attachment.name(),
        attachment.type(),
        content.gzip() ? Optional.of("gzip") : Optional.empty(),
        content.storedLength(),
        stored::writeStored);
  }

  private static void open(JsonBuffer out, byte[] json) {
    out.raw(json, 0, json.length - 1).raw(",\"_attachments\":{");
  }

  private static void name(JsonBuffer out, ShownAttachment shown, boolean first) {
    out.raw(first ? "" : ",").string(shown.attachment().name()).raw(':');
  }
}

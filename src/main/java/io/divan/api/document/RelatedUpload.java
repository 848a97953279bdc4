package io.divan.api.document;

import io.divan.api.attachment.Boundary;
import io.divan.api.attachment.HeaderValue;
import io.divan.api.attachment.RelatedBody;
import io.divan.api.http.ApiException;
import io.divan.document.AttachmentInput;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentLimits;
import io.divan.document.DocumentParser;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.Incoming;
import io.divan.document.attachment.ReceivedContent;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A document with the contents of its attachments, in a {@code multipart/related} body. */
final class RelatedUpload {
  private final HeaderValue type;
  private final DocumentLimits limits;
  private final ContentReceiver receiver;

  private RelatedUpload(HeaderValue type, DocumentLimits limits, ContentReceiver receiver) {
    this.type = type;
    this.limits = limits;
    this.receiver = receiver;
  }

  /** Returns an upload if the request is one. */
  static Optional<RelatedUpload> of(
      HttpServletRequest request, DocumentLimits limits, ContentReceiver receiver) {
    return multipart(request, RelatedBody.TYPE)
        .map(type -> new RelatedUpload(type, limits, receiver));
  }

  /** Returns the Content-Type of a request if it is this multipart type. */
  static Optional<HeaderValue> multipart(HttpServletRequest request, String wanted) {
    String type = request.getContentType();
    return type != null && type.regionMatches(true, 0, wanted, 0, wanted.length())
        ? Optional.of(HeaderValue.parse(type)).filter(value -> value.value().equals(wanted))
        : Optional.empty();
  }

  /**
   * Reads the body to its end.
   *
   * @return the document, whose contents have been received
   * @throws ApiException with status 400 unless each content is as the document says
   */
  DocumentInput read(InputStream in, String id) throws IOException {
    RelatedBody body = new RelatedBody(in, Boundary.of(type));
    DocumentInput document =
        DocumentUpdates.read(
            new DocumentParser(limits, id, receiver, true), body.document());
    List<AttachmentInput> attachments = new ArrayList<>(document.attachments().size());
    for (AttachmentInput attachment : document.attachments()) {
      attachments.add(
          attachment instanceof AttachmentInput.Follows follows
              ? follows.received(receive(follows, body))
              : attachment);
    }
    body.end();
    return document.withAttachments(attachments);
  }

  private ReceivedContent receive(AttachmentInput.Follows follows, RelatedBody body)
      throws IOException {
    try (Incoming incoming = receiver.begin(follows.name(), follows.gzip())) {
      incoming.type(follows.type());
      body.attachment(follows.length()).transferTo(incoming);
      ReceivedContent received = incoming.finish(follows.type());
      byte[] md5 =
          follows.gzip() ? received.content().md5() : received.content().identityMd5();
      if (follows.md5().filter(wanted -> !MessageDigest.isEqual(wanted, md5)).isPresent()) {
        throw ApiException.md5Mismatch();
      }
      return received;
    }
  }
}

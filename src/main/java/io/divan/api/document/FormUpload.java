package io.divan.api.document;

import io.divan.api.attachment.Boundary;
import io.divan.api.attachment.FormPart;
import io.divan.api.attachment.HeaderValue;
import io.divan.api.attachment.MultipartReader;
import io.divan.api.http.ApiException;
import io.divan.document.AttachmentInput;
import io.divan.document.AttachmentNames;
import io.divan.document.DocumentException;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentLimits;
import io.divan.document.DocumentParser;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.Incoming;
import io.divan.document.revision.Revision;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A form of a browser that stores files as attachments of a document. Its fields are {@code _doc},
 * the document's JSON, or {@code _rev}, the revision to which the files are added; and {@code
 * _attachments} for each file. Other fields are ignored, as are files without a type.
 */
final class FormUpload {
  private static final String DOCUMENT = "_doc";
  private static final String REVISION = "_rev";
  private static final String FILES = "_attachments";

  /** More than the longest revision has. */
  private static final int REVISION_BYTES_MAX = 4 * 1024;

  private final DocumentLimits limits;
  private final String id;
  private final ContentReceiver receiver;
  private final Map<String, AttachmentInput> files = new LinkedHashMap<>();
  private Optional<DocumentInput> document = Optional.empty();
  private Optional<String> revision = Optional.empty();

  FormUpload(DocumentLimits limits, String id, ContentReceiver receiver) {
    this.limits = limits;
    this.id = id;
    this.receiver = receiver;
  }

  /**
   * Returns the Content-Type of a request that contains a form.
   *
   * @throws ApiException with status 415 if it does not
   */
  static HeaderValue type(HttpServletRequest request) {
    return RelatedUpload.multipart(request, FormPart.TYPE)
        .orElseThrow(
            () -> new ApiException(
                415, "bad_content_type", "Content-Type must be " + FormPart.TYPE));
  }

  /** Reads the body to its end. Of a field that occurs twice the first value counts. */
  void read(InputStream in, HeaderValue type) throws IOException {
    MultipartReader reader = new MultipartReader(in, Boundary.of(type));
    Optional<MultipartReader.Part> next = reader.next();
    while (next.isPresent()) {
      field(FormPart.of(next.get()));
      next = reader.next();
    }
    reader.end();
  }

  private void field(FormPart part) throws IOException {
    if (part.name().equals(FILES)) {
      if (part.fileName().isPresent() && part.contentType().isPresent()) {
        file(part.fileName().get(), part.contentType().get(), part.content());
      }
    } else if (part.name().equals(DOCUMENT) && document.isEmpty()) {
      if (part.fileName().isPresent()) {
        throw new DocumentException.BadRequest("invalid UTF-8 JSON"); // as in CouchDB
      }
      document =
          Optional.of(
              DocumentUpdates.read(
                  new DocumentParser(limits, id, receiver, false), part.content()));
    } else if (part.name().equals(REVISION) && revision.isEmpty()) {
      revision =
          Optional.of(
              new String(
                  part.content().readNBytes(REVISION_BYTES_MAX), StandardCharsets.UTF_8));
    }
  }

  private void file(String name, String type, InputStream content) throws IOException {
    AttachmentNames.check(name);
    if (files.size() == AttachmentNames.COUNT_MAX) {
      throw new DocumentException.TooLarge(id);
    }
    if (files.containsKey(name)) {
      throw ApiException.badRequest("Duplicate attachments");
    }
    try (Incoming incoming = receiver.begin(name, false)) {
      incoming.type(type);
      content.transferTo(incoming);
      files.put(
          name,
          new AttachmentInput.Received(
              name, type, incoming.finish(type), OptionalLong.empty()));
    }
  }

  /** The document's JSON, if the form contains it. */
  Optional<DocumentInput> document() {
    return document;
  }

  /**
   * The revision to which the files are added.
   *
   * @throws ApiException with status 400 if the form names none
   */
  Revision revision() {
    String text =
        revision.orElseThrow(
            () -> ApiException.badRequest("The form has neither _doc nor _rev"));
    return Revision.parse(text).orElseThrow(ApiException::invalidRevision);
  }

  /** Adds the files to a document. They come first, and replace attachments of the same name. */
  DocumentInput addTo(DocumentInput edit) {
    List<AttachmentInput> attachments = new ArrayList<>(files.values());
    edit.attachments().stream()
        .filter(attachment -> !files.containsKey(attachment.name()))
        .forEach(attachments::add);
    return edit.withAttachments(attachments);
  }
}

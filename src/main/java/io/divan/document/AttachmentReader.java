package io.divan.document;

import io.divan.document.attachment.Contents;
import io.divan.document.attachment.StoredContent;
import io.divan.document.revision.Attachment;
import io.divan.document.revision.Content;
import io.divan.document.revision.RevisionPath;
import io.divan.document.rows.Bodies;
import io.divan.json.JsonBuffer;
import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shows the attachments of documents. Safe for use by many threads. */
final class AttachmentReader {

  /**
   * How many bytes of small contents, which are read with their documents, one batch of documents
   * may hold besides those of its first document.
   */
  private static final long BATCH_BYTES_MAX = 2_000_000;

  private final Contents contents;

  AttachmentReader(Contents contents) {
    this.contents = contents;
  }

  /** The attachments that a principal sees who sees this part of a body: all or none. */
  static List<Attachment> visible(Bodies.Body body, byte[] shown) {
    return shown == body.json() ? body.attachments() : List.of();
  }

  /**
   * Returns how many of the first documents can be shown at once.
   *
   * @param bodies the documents' bodies; none where a document has no body
   */
  static int batch(List<Optional<Bodies.Body>> bodies, AttachmentOptions options) {
    if (!options.contents()) {
      return bodies.size();
    }
    long bytes = 0;
    for (int i = 0; i < bodies.size(); i++) {
      bytes += bodies.get(i).map(AttachmentReader::bytesRead).orElse(0L);
      if (bytes > BATCH_BYTES_MAX && i > 0) {
        return i;
      }
    }
    return bodies.size();
  }

  private static long bytesRead(Bodies.Body body) {
    long bytes = 0;
    for (Attachment attachment : body.attachments()) {
      bytes += Contents.bytesRead(attachment.content());
    }
    return bytes;
  }

  /** Contents that were read together. */
  record Found(Map<Content, StoredContent> contents) {}

  /** Reads the contents of many documents at once, where the options ask for them. */
  Found find(
      ReadTransaction transaction,
      List<Optional<Bodies.Body>> bodies,
      AttachmentOptions options) {
    if (!options.contents()) {
      return new Found(Map.of());
    }
    List<Content> wanted =
        bodies.stream()
            .flatMap(Optional::stream)
            .flatMap(body -> body.attachments().stream())
            .map(Attachment::content)
            .distinct()
            .toList();
    if (wanted.isEmpty()) {
      return new Found(Map.of());
    }
    Map<Content, StoredContent> found = new HashMap<>();
    List<StoredContent> stored = contents.find(transaction, wanted);
    for (int i = 0; i < wanted.size(); i++) {
      found.put(wanted.get(i), stored.get(i));
    }
    return new Found(found);
  }

  /**
   * Appends stubs to a document whose contents were found if the options ask for them.
   *
   * @return the attachments if the options ask for contents, else none
   */
  static List<ShownAttachment> show(
      Found found, JsonBuffer out, List<Attachment> attachments, AttachmentOptions options) {
    if (!options.contents()) {
      DocumentJson.stubs(out, attachments, options.encodingInfo());
      return List.of();
    }
    return attachments.stream()
        .map(
            one -> new ShownAttachment(
                one, Optional.ofNullable(found.contents().get(one.content()))))
        .toList();
  }

  /**
   * Appends stubs to a document, or finds the contents.
   *
   * @param path the revision and its ancestors
   * @return the attachments if the options ask for contents, else none
   */
  List<ShownAttachment> show(
      ReadTransaction transaction,
      JsonBuffer out,
      List<Attachment> attachments,
      RevisionPath path,
      AttachmentOptions options) {
    if (attachments.isEmpty()) {
      return List.of();
    }
    if (!options.contents()) {
      DocumentJson.stubs(out, attachments, options.encodingInfo());
      return List.of();
    }
    long known = options.known(path);
    Iterator<StoredContent> found =
        contents
            .find(
                transaction,
                attachments.stream()
                    .filter(one -> isWanted(one, known))
                    .map(Attachment::content)
                    .toList())
            .iterator();
    List<ShownAttachment> shown = new ArrayList<>(attachments.size());
    for (Attachment attachment : attachments) {
      boolean wanted = isWanted(attachment, known);
      shown.add(
          new ShownAttachment(
              attachment, wanted ? Optional.of(found.next()) : Optional.empty()));
    }
    return shown;
  }

  private static boolean isWanted(Attachment attachment, long known) {
    return known == 0 || attachment.revisionPosition() > known;
  }

  /** The content of an attachment. */
  StoredContent content(ReadTransaction transaction, Attachment attachment) {
    return contents.find(transaction, List.of(attachment.content())).getFirst();
  }
}

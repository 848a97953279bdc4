package io.divan.document;

import io.divan.document.attachment.Contents;
import io.divan.document.attachment.StoredContent;
import io.divan.document.revision.Attachment;
import io.divan.document.revision.RevisionPath;
import io.divan.document.rows.Bodies;
import io.divan.json.JsonBuffer;
import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Shows the attachments of documents. Safe for use by many threads. */
final class AttachmentReader {
  private final Contents contents;

  AttachmentReader(Contents contents) {
    this.contents = contents;
  }

  /** The attachments that a principal sees who sees this part of a body: all or none. */
  static List<Attachment> visible(Bodies.Body body, byte[] shown) {
    return shown == body.json() ? body.attachments() : List.of();
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

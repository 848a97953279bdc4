package io.divan.document;

import io.divan.document.attachment.StoredContent;
import io.divan.document.revision.Attachment;
import io.divan.json.JsonBuffer;
import java.util.Optional;

/**
 * An attachment of a document that was read with contents.
 *
 * @param attachment the attachment
 * @param content the content; empty where the client has it already
 */
public record ShownAttachment(Attachment attachment, Optional<StoredContent> content) {

  /** Appends a stub, in CouchDB's order of members. */
  public void stub(JsonBuffer out, boolean encodingInfo) {
    DocumentJson.stub(out, attachment, encodingInfo);
  }

  /** Appends the members of an attachment before its length or its data, and the opening brace. */
  public void open(JsonBuffer out) {
    DocumentJson.openAttachment(out, attachment);
  }

  /** Appends the last members of an attachment, and the closing brace. */
  public void close(JsonBuffer out, boolean encodingInfo) {
    DocumentJson.closeAttachment(out, attachment, encodingInfo);
  }
}

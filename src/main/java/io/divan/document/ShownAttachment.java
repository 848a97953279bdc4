package io.divan.document;

import io.divan.document.attachment.StoredContent;
import io.divan.document.revision.Attachment;
import java.util.Optional;

/**
 * An attachment of a document that was read with contents.
 *
 * @param attachment the attachment
 * @param content the content; empty where the client has it already
 */
public record ShownAttachment(Attachment attachment, Optional<StoredContent> content) {}

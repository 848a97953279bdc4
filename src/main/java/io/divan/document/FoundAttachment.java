package io.divan.document;

import io.divan.document.attachment.StoredContent;
import io.divan.document.revision.Attachment;

/**
 * An attachment that was found.
 *
 * @param revision the document's revision, as text
 * @param attachment what the revision references
 * @param content the content
 */
public record FoundAttachment(String revision, Attachment attachment, StoredContent content) {}

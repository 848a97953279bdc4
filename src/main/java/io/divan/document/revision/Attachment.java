package io.divan.document.revision;

/**
 * An attachment of a revision.
 *
 * @param name its name, unique in the revision
 * @param type its content type, as a client sent it
 * @param content its content
 * @param revisionPosition the position of the revision that stored it, which the API shows as
 *     {@code revpos}; of a replicated edit the number that was sent
 */
public record Attachment(String name, String type, Content content, long revisionPosition) {}

package io.divan.document.revision;

import java.util.Collection;

/**
 * Sums over the attachments of a revision.
 *
 * @param count number of attachments
 * @param referenceBytes stored bytes of the references to them, in the revision's body
 * @param contentBytes stored bytes of their contents; shared content counts for each attachment
 */
public record AttachmentTotals(int count, int referenceBytes, long contentBytes) {

  /** The sums without attachments. */
  public static final AttachmentTotals NONE = new AttachmentTotals(0, 0, 0);

  /**
   * Returns the sums over attachments.
   *
   * @param referenceBytes stored bytes of the references to them
   */
  public static AttachmentTotals of(Collection<Attachment> attachments, int referenceBytes) {
    return attachments.isEmpty()
        ? NONE
        : new AttachmentTotals(
            attachments.size(),
            referenceBytes,
            attachments.stream().mapToLong(one -> one.content().storedLength()).sum());
  }
}

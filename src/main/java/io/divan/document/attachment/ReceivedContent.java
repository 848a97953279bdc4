package io.divan.document.attachment;

import io.divan.document.revision.Content;
import io.divan.document.rows.ContentRows;
import java.util.Optional;

/**
 * Content that was received and waits for the edit that references it. Small content is in memory;
 * the rest is stored in a blob. Safe for use by many threads.
 */
public final class ReceivedContent {
  private final Content content;
  private final Optional<ContentRows.Place> place;
  private volatile boolean settled;

  /** Creates content; without a place if it was only checked. */
  ReceivedContent(Content content, Optional<ContentRows.Place> place) {
    this.content = content;
    this.place = place;
  }

  /** Returns the content's digests and lengths. */
  public Content content() {
    return content;
  }

  /**
   * Returns where the content is until the edit is stored.
   *
   * @throws IllegalStateException if it was only checked
   */
  public ContentRows.Place place() {
    return place.orElseThrow(
        () -> new IllegalStateException("The content of an attachment was only checked"));
  }

  /** Returns the bytes that are in memory. */
  public long bytesInMemory() {
    return place.orElse(null) instanceof ContentRows.Place.Inline inline
        ? inline.bytes().length
        : 0;
  }

  /** Notes that a transaction with the edit has committed, so the blob is referenced or removed. */
  public void settle() {
    settled = true;
  }

  /** Returns the blob that waits for an edit. */
  Optional<ContentRows.Blob> waitingBlob() {
    return place
        .filter(some -> !settled)
        .flatMap(ContentRows::blobOf)
        .map(ContentRows.Place.InBlob::blob);
  }
}

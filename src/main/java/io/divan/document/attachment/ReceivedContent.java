package io.divan.document.attachment;

import io.divan.document.revision.Content;
import io.divan.document.rows.ContentRows;

/**
 * Content that was received and waits for the edit that references it. Small content is in memory;
 * the rest is stored in a blob. Safe for use by many threads.
 */
public final class ReceivedContent {
  private final Content content;
  private final ContentRows.Place place;
  private volatile boolean settled;

  ReceivedContent(Content content, ContentRows.Place place) {
    this.content = content;
    this.place = place;
  }

  /** Returns the content's digests and lengths. */
  public Content content() {
    return content;
  }

  /** Returns where the content is until the edit is stored. */
  public ContentRows.Place place() {
    return place;
  }

  /** Returns the bytes that are in memory. */
  public long bytesInMemory() {
    return place instanceof ContentRows.Place.Inline inline ? inline.bytes().length : 0;
  }

  /** Notes that a transaction with the edit has committed, so the blob is referenced or removed. */
  public void settle() {
    settled = true;
  }

  boolean isSettled() {
    return settled;
  }
}

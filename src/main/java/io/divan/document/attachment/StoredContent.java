package io.divan.document.attachment;

import io.divan.document.rows.ContentRows;

/** A content that is stored in a database. Safe for use by many threads. */
public final class StoredContent {
  private final Contents contents;
  private final ContentRows.Place place;

  StoredContent(Contents contents, ContentRows.Place place) {
    this.contents = contents;
    this.place = place;
  }

  /** Opens the stored bytes from one on. The caller closes the reader. */
  public ContentReader read(long from) {
    return new ContentReader(contents, place, from);
  }
}

package io.divan.document.attachment;

import io.divan.document.revision.Content;
import io.divan.document.rows.ContentRows;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;

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

  /** Writes the stored bytes. */
  public void writeStored(OutputStream out) throws IOException {
    try (ContentReader reader = read(0)) {
      reader.transferTo(out);
    }
  }

  /**
   * Writes the bytes before compression.
   *
   * @param content the lengths and the encoding of this content
   */
  public void writeIdentity(Content content, OutputStream out) throws IOException {
    if (!content.gzip()) {
      writeStored(out);
      return;
    }
    try (GunzipOutput gunzip = new GunzipOutput(out)) {
      writeStored(gunzip);
      gunzip.finish();
    }
  }

  /** Returns the number of characters that {@link #writeBase64} writes. */
  public static long base64Length(Content content) {
    return Base64Output.encodedLength(content.length());
  }

  /**
   * Writes the bytes before compression in base64, without line ends.
   *
   * @param content the lengths and the encoding of this content
   */
  public void writeBase64(Content content, OutputStream out) throws IOException {
    if (!content.gzip() && place instanceof ContentRows.Place.Inline inline) {
      out.write(Base64.getEncoder().encode(inline.bytes()));
      return;
    }
    Base64Output base64 = new Base64Output(out, content.length());
    writeIdentity(content, base64);
    base64.finish();
  }
}

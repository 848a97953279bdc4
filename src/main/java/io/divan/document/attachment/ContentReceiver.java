package io.divan.document.attachment;

import io.divan.document.rows.ContentRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Receives the contents that one request brings. Closing it removes those that no edit has stored.
 * For one thread.
 */
public final class ContentReceiver implements AutoCloseable {

  /** The most bytes of one document's contents in memory: so they fit in its transaction. */
  private static final int DOCUMENT_BYTES_MAX = 500_000;

  /** The most bytes of a request's contents in memory. */
  private static final long REQUEST_BYTES_MAX = 16_000_000;

  private static final System.Logger LOG = System.getLogger(ContentReceiver.class.getName());

  private final Optional<Contents> contents;
  private final Compression compression;
  private final LongSupplier bytesMax;
  private final List<ReceivedContent> received = new ArrayList<>();
  private final List<Incoming> open = new ArrayList<>();
  private int documentBytes;
  private long requestBytes;

  private ContentReceiver(
      Optional<Contents> contents, Compression compression, LongSupplier bytesMax) {
    this.contents = contents;
    this.compression = compression;
    this.bytesMax = bytesMax;
  }

  /**
   * Receives contents for edits of a database.
   *
   * @param bytesMax the size of the largest attachment, in bytes
   */
  public static ContentReceiver into(
      Contents contents, Compression compression, LongSupplier bytesMax) {
    return new ContentReceiver(Optional.of(contents), compression, bytesMax);
  }

  /** Reads contents only to check them; what it returns cannot be stored. */
  public static ContentReceiver checking(LongSupplier bytesMax) {
    return new ContentReceiver(Optional.empty(), Compression.NONE, bytesMax);
  }

  /** The contents that follow belong to another document. */
  public void nextDocument() {
    documentBytes = 0;
  }

  /**
   * Begins to receive a content.
   *
   * @param name the attachment's name, as errors name it
   * @param gzipped whether it arrives gzipped, to be stored as it is
   */
  public Incoming begin(String name, boolean gzipped) {
    Incoming incoming = new Incoming(this, name, gzipped);
    open.add(incoming);
    return incoming;
  }

  Optional<Contents> contents() {
    return contents;
  }

  Compression compression() {
    return compression;
  }

  long bytesMax() {
    return bytesMax.getAsLong();
  }

  /** Returns how many bytes of the next content may stay in memory. */
  int inlineBytesMax() {
    return Math.clamp(
        Math.min(DOCUMENT_BYTES_MAX - documentBytes, REQUEST_BYTES_MAX - requestBytes),
        0,
        Upload.INLINE_BYTES_MAX);
  }

  ReceivedContent ended(Incoming incoming, ReceivedContent content) {
    open.remove(incoming);
    received.add(content);
    documentBytes += (int) content.bytesInMemory();
    requestBytes += content.bytesInMemory();
    return content;
  }

  /** Removes a content that no edit will reference. */
  public void discard(ReceivedContent content) {
    if (received.remove(content)) {
      content.waitingBlob().ifPresent(blob -> remove(List.of(blob)));
    }
  }

  void remove(List<ContentRows.Blob> blobs) {
    if (contents.isEmpty() || blobs.isEmpty()) {
      return;
    }
    try {
      contents.get().remove(blobs);
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.INFO,
          "The contents of ended uploads are removed later, once their lease has ended: {0}",
          e.getMessage());
    }
  }

  /** Ends uploads that are under way, and removes contents that no edit references. */
  @Override
  public void close() {
    List.copyOf(open).forEach(Incoming::close);
    remove(received.stream().flatMap(content -> content.waitingBlob().stream()).toList());
    received.clear();
  }
}

package io.divan.document.attachment;

import io.divan.document.revision.Content;
import io.divan.document.rows.ContentRows.Place;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/**
 * A content while it is received. It is compressed where its type asks for it; the type may become
 * known before the first byte or after the last. For one thread.
 */
public final class Incoming extends OutputStream {
  private static final int BUFFER_BYTES = 64 * 1024;

  /** What a server reads from a socket at once. */
  private static final int READ_BYTES = 8 * 1024;

  private final ContentReceiver receiver;
  private final String name;
  private final boolean gzipped;
  private final ContentDigest identity = ContentDigest.ofMd5();
  private long bytes;
  private boolean typeKnown;
  private boolean finished;
  private @Nullable Upload upload;
  private @Nullable GzipOutput gzip;
  private @Nullable GunzipOutput gunzip;

  Incoming(ContentReceiver receiver, String name, boolean gzipped) {
    this.receiver = receiver;
    this.name = name;
    this.gzipped = gzipped;
  }

  /** Sets the content type, before the first byte if possible: then nothing is stored twice. */
  public void type(String type) throws IOException {
    if (typeKnown) {
      return;
    }
    typeKnown = true;
    Compression compression = receiver.compression();
    if (gzipped || !compression.appliesTo(type)) {
      return;
    }
    if (bytes == 0) {
      gzip = new GzipOutput(upload(), compression.level());
    } else {
      compressAgain(compression.level());
    }
  }

  /** Replaces what was stored as it arrived by the same content, compressed. */
  private void compressAgain(int level) throws IOException {
    Upload plain = upload();
    plain.finish();
    Place place = plain.place();
    upload = null;
    gzip = new GzipOutput(upload(), level);
    if (receiver.contents().isPresent()) {
      bytes = 0;
      try (ContentReader reader = new ContentReader(receiver.contents().get(), place, 0)) {
        reader.transferTo(this);
      }
    }
    plain.close();
    plain.begunBlob().ifPresent(blob -> receiver.remove(List.of(blob)));
  }

  private Upload upload() {
    Upload known = upload;
    if (known == null) {
      known = new Upload(receiver.contents(), receiver.inlineBytesMax());
      upload = known;
    }
    return known;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  /**
   * Receives a stream to its end.
   *
   * @param expected the length of the stream; negative if it is unknown
   * @throws ContentException.TooLarge if it exceeds the limit
   * @throws ContentException.Malformed if the content should be gzipped and is not
   */
  public void receive(InputStream stream, long expected) throws IOException {
    if (typeKnown && !gzipped && gzip == null && upload().canRead()) {
      receivePlain(stream, expected);
      return;
    }
    byte[] buffer = new byte[expected < 0 ? BUFFER_BYTES : Math.clamp(expected, 1, BUFFER_BYTES)];
    int count = stream.read(buffer);
    while (count >= 0) {
      write(buffer, 0, count);
      count = stream.read(buffer);
    }
  }

  private void receivePlain(InputStream stream, long expected) throws IOException {
    int count = 0;
    while (count >= 0 && bytes != expected) {
      long left = expected < 0 ? READ_BYTES : expected - bytes;
      count = upload().read(stream, Math.clamp(left, 1, BUFFER_BYTES));
      countBytes(Math.max(0, count));
    }
    while (count >= 0) { // a servlet container knows the end of a body once it was met
      int next = stream.read();
      count = next;
      if (next >= 0) {
        write(next);
      }
    }
  }

  private void countBytes(int count) {
    bytes += count;
    if (bytes > receiver.bytesMax()) {
      throw new ContentException.TooLarge(name);
    }
  }

  /**
   * Receives bytes.
   *
   * @throws ContentException.TooLarge if they exceed the limit
   * @throws ContentException.Malformed if the content should be gzipped and is not
   */
  @Override
  public void write(byte[] from, int offset, int count) throws IOException {
    countBytes(count);
    if (gzipped) {
      inflate(from, offset, count);
      upload().write(from, offset, count);
    } else if (gzip != null) {
      identity.write(from, offset, count);
      gzip.write(from, offset, count);
    } else {
      upload().write(from, offset, count);
    }
  }

  private void inflate(byte[] from, int offset, int count) throws IOException {
    if (gunzip == null) {
      gunzip = new GunzipOutput(identity);
    }
    try {
      gunzip.write(from, offset, count);
    } catch (ZipException e) {
      throw notGzip();
    }
  }

  private ContentException notGzip() {
    return new ContentException.Malformed(
        "The content of the attachment " + name + " is not gzip, as its encoding says");
  }

  /**
   * Receives the base64 text that the parser is at, without holding it.
   *
   * @return whether it is base64; if not, what was received is worthless
   */
  public boolean receiveBase64(JsonParser parser) throws IOException {
    Base64Decoder decoder = new Base64Decoder(this);
    parser.readString(decoder);
    return decoder.finish();
  }

  /** Returns the number of bytes received. */
  public long length() {
    return bytes;
  }

  /**
   * Ends the content.
   *
   * @param type its content type
   * @throws ContentException.Malformed if the content should be gzipped and is not
   */
  public ReceivedContent finish(String type) throws IOException {
    type(type);
    Upload stored = upload();
    if (gzipped) {
      inflate(new byte[0], 0, 0);
      try {
        finishInflating();
      } catch (ZipException e) {
        throw notGzip();
      }
    }
    if (gzip != null) {
      gzip.finish();
    }
    Upload.Digested digested = stored.finish();
    boolean compressed = gzipped || gzip != null;
    long identityLength = compressed ? identity.length() : digested.length();
    byte[] identityMd5 = compressed ? identity.md5() : digested.md5();
    Content content =
        new Content(
            digested.sha256(),
            digested.md5(),
            identityMd5,
            digested.length(),
            identityLength,
            compressed);
    ReceivedContent received =
        new ReceivedContent(
            content,
            receiver.contents().isPresent() ? Optional.of(stored.place()) : Optional.empty());
    finished = true;
    free();
    return receiver.ended(this, received);
  }

  private void finishInflating() throws ZipException {
    if (gunzip != null) {
      gunzip.finish();
    }
  }

  private void free() {
    Optional.ofNullable(gzip).ifPresent(GzipOutput::close);
    Optional.ofNullable(gunzip).ifPresent(GunzipOutput::close);
    Optional.ofNullable(upload).ifPresent(Upload::close);
  }

  /** Ends a content that is not finished, and removes what was stored of it. */
  @Override
  public void close() {
    if (finished) {
      return;
    }
    finished = true;
    free();
    Optional.ofNullable(upload)
        .flatMap(Upload::begunBlob)
        .ifPresent(blob -> receiver.remove(List.of(blob)));
  }
}

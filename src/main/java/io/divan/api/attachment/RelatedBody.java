package io.divan.api.attachment;

import io.divan.api.http.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads a {@code multipart/related} body: a document in its first part, and the content of each
 * attachment that {@code follows} in one part each, in the order of the document. The lengths that
 * the document states count; all headers of the other parts are ignored, as CouchDB does.
 *
 * <p>Call {@link #document()}, then {@link #attachment} for each attachment, then {@link #end()}.
 */
public final class RelatedBody {
  public static final String TYPE = "multipart/related";

  private static final int SKIPPED_BYTES = 8 * 1024;

  private final MultipartReader reader;
  private InputStream current = InputStream.nullInputStream();

  public RelatedBody(InputStream in, Boundary boundary) {
    this.reader = new MultipartReader(in, boundary);
  }

  /**
   * Returns the JSON of the document.
   *
   * @throws ApiException with status 415 if the first part is not JSON
   */
  public InputStream document() throws IOException {
    MultipartReader.Part first =
        reader
            .next()
            .orElseThrow(() -> ApiException.badRequest("The multipart body has no parts"));
    String type = HeaderValue.parse(first.header("Content-Type").orElse("")).value();
    if (!type.equals("application/json")) {
      throw new ApiException(415, "bad_content_type", "Content-Type must be application/json");
    }
    return first.content();
  }

  /**
   * Returns the content of the next attachment. The stream fails with status 400 unless the part
   * has exactly this length. What the caller leaves unread is read and checked later.
   *
   * @param length the number of bytes that the document states
   */
  public InputStream attachment(long length) throws IOException {
    finishAttachment();
    current = new Exact(reader.next().orElseThrow(RelatedBody::shorter).content(), length);
    return current;
  }

  /** Fails with status 400 if another part follows, and reads the rest of the body. */
  public void end() throws IOException {
    finishAttachment();
    if (reader.next().isPresent()) {
      throw ApiException.badRequest("The multipart body has more parts than attachments");
    }
    reader.end();
  }

  private void finishAttachment() throws IOException {
    current.transferTo(OutputStream.nullOutputStream());
  }

  private static ApiException shorter() {
    return ApiException.badRequest("attachment shorter than expected");
  }

  private static ApiException longer() {
    return ApiException.badRequest("attachment longer than expected");
  }

  /**
   * The exception for a part that is too short. CouchDB goes on with the bytes of the parts that
   * follow, and reports the attachment as longer if they exceed its length.
   */
  private ApiException tooShort(long missing) throws IOException {
    byte[] skipped = new byte[SKIPPED_BYTES];
    long rest = missing;
    while (true) {
      Optional<MultipartReader.Part> following = reader.next();
      if (following.isEmpty()) {
        return shorter();
      }
      int count;
      while ((count = following.get().content().read(skipped)) > 0) {
        rest -= count;
        if (rest < 0) {
          return longer();
        }
      }
    }
  }

  /** The content of a part, which must have a given length. */
  private final class Exact extends InputStream {
    private final InputStream content;
    private long rest;

    Exact(InputStream content, long length) {
      this.content = content;
      this.rest = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int offset, int count) throws IOException {
      Objects.checkFromIndexSize(offset, count, to.length);
      if (count == 0) {
        return 0;
      }
      int read = content.read(to, offset, count);
      if (read > rest) {
        throw longer();
      }
      if (read >= 0) {
        rest -= read;
      } else if (rest > 0) {
        throw tooShort(rest);
      }
      return read;
    }

    @Override
    public long transferTo(OutputStream out) throws IOException {
      long sum =
          content.transferTo(
              new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                  write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int count) throws IOException {
                  rest -= count;
                  if (rest < 0) {
                    throw longer();
                  }
                  out.write(bytes, offset, count);
                }
              });
      if (rest > 0) {
        throw tooShort(rest);
      }
      return sum;
    }
  }
}

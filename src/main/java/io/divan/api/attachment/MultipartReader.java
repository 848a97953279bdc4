package io.divan.api.attachment;

import io.divan.api.http.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads a multipart body part by part. The memory it needs is one buffer. For one thread.
 *
 * <p>A boundary is found wherever its delimiter occurs, as RFC 2046 and CouchDB have it. The bytes
 * of the buffer are, in this order:
 *
 * <ol>
 *   <li>before {@code position}: consumed;
 *   <li>before {@code contentEnd}: content of the current part, free of delimiters;
 *   <li>before {@code limit}: a delimiter if {@code atDelimiter}, else bytes that may be the
 *       beginning of one.
 * </ol>
 *
 * <p>A malformed body fails with an {@link ApiException} of status 400. So does one that ends
 * before its last boundary, because it was cut off.
 */
public final class MultipartReader {
  static final int HEADERS_MAX = 64;
  static final int HEADER_BYTES_MAX = 16 * 1024;

  /** The longest text before the first boundary, and the most that is read after the last one. */
  static final int SURROUNDINGS_BYTES_MAX = 64 * 1024;

  private static final int BUFFER_BYTES = 64 * 1024;
  private static final BytePattern HEADERS_END = new BytePattern(new byte[] {'\r', '\n', '\r',
    '\n'});

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final byte[] firstDelimiter;
  private final BytePattern delimiter;

  private int position;
  private int contentEnd;
  private int limit;
  private boolean begun;
  private boolean atDelimiter;
  private boolean ended; // the last boundary has been read
  private int part; // the number of the current part

  /** Reads a body that begins at the stream's position. */
  public MultipartReader(InputStream in, Boundary boundary) {
    this.in = in;
    this.firstDelimiter = boundary.delimiter();
    byte[] line = new byte[firstDelimiter.length + 2];
    line[0] = '\r';
    line[1] = '\n';
    System.arraycopy(firstDelimiter, 0, line, 2, firstDelimiter.length);
    this.delimiter = new BytePattern(line);
  }

  /**
   * A part of the body.
   *
   * @param headers its headers, in their order
   * @param content its content; readable until the next part is requested
   */
  public record Part(List<Header> headers, InputStream content) {

    /** The first header of a name. */
    Optional<String> header(String name) {
      return headers.stream()
          .filter(header -> header.name().equalsIgnoreCase(name))
          .map(Header::value)
          .findFirst();
    }
  }

  /**
   * A header of a part.
   *
   * @param value the value without outer white space; each character is one byte
   */
  public record Header(String name, String value) {}

  /** Skips the rest of the current part, and moves to the next one. Empty after the last one. */
  public Optional<Part> next() throws IOException {
    if (!begun) {
      skipPreamble();
    } else if (!ended) {
      while (available() > 0) {
        position = contentEnd;
      }
    }
    if (ended || isLast()) {
      ended = true;
      return Optional.empty();
    }
    List<Header> headers = headers();
    part++;
    return Optional.of(new Part(headers, new Content(part)));
  }

  /**
   * Reads what follows the last boundary, but not more than {@link #SURROUNDINGS_BYTES_MAX}, so
   * that a connection can be used for another request.
   */
  public void end() throws IOException {
    int rest = SURROUNDINGS_BYTES_MAX;
    while (rest > 0) {
      int count = in.read(buffer, 0, Math.min(rest, buffer.length));
      if (count < 0) {
        return;
      }
      rest -= count;
    }
  }

  private void skipPreamble() throws IOException {
    BytePattern first = new BytePattern(firstDelimiter);
    begun = true;
    int skipped = 0;
    while (true) {
      int found = first.indexIn(buffer, position, limit);
      int before = found >= 0 ? found : Math.max(position, limit - first.length() + 1);
      skipped += before - position;
      if (skipped > SURROUNDINGS_BYTES_MAX) {
        throw ApiException.badRequest("The multipart body does not begin with its boundary");
      }
      if (found >= 0) {
        position = found + first.length();
        contentEnd = position;
        return;
      }
      position = before;
      if (!fill()) {
        throw ApiException.badRequest("The multipart body does not contain its boundary");
      }
    }
  }

  /** Reads the two bytes after a boundary, unless they belong to headers. */
  private boolean isLast() throws IOException {
    if (atDelimiter) {
      position += delimiter.length();
      contentEnd = position;
      atDelimiter = false;
    }
    require(2);
    if (buffer[position] == '-' && buffer[position + 1] == '-') {
      position += 2;
      return true;
    }
    return false;
  }

  /** Reads the headers of a part. The position is directly after its boundary. */
  private List<Header> headers() throws IOException {
    int searched = 0;
    int end;
    while ((end = HEADERS_END.indexIn(buffer, position + searched, limit)) < 0) {
      searched = Math.max(0, limit - position - HEADERS_END.length() + 1);
      if (searched > HEADER_BYTES_MAX || !fill()) {
        throw badHeader();
      }
    }
    int length = end - position;
    if (length > HEADER_BYTES_MAX) {
      throw badHeader();
    }
    String text = new String(buffer, position, length, StandardCharsets.ISO_8859_1);
    position = end + HEADERS_END.length();
    scan();
    if (text.isEmpty()) {
      return List.of();
    }
    String[] lines = text.split("\r\n", -1);
    // The first line is the rest of the boundary's.
    if (!lines[0].isEmpty() || lines.length - 1 > HEADERS_MAX) {
      throw badHeader();
    }
    return Arrays.stream(lines, 1, lines.length).map(MultipartReader::header).toList();
  }

  private static Header header(String line) {
    int colon = line.indexOf(':');
    String name = colon < 0 ? "" : line.substring(0, colon);
    if (name.isBlank() || Character.isWhitespace(name.charAt(0))) {
      throw badHeader();
    }
    return new Header(name.strip(), line.substring(colon + 1).strip());
  }

  /** The exception for headers that are malformed, with CouchDB's reason. */
  static ApiException badHeader() {
    return ApiException.badRequest("bad part header");
  }

  private void require(int count) throws IOException {
    while (limit - position < count) {
      fillOrFail();
    }
  }

  /** Returns how many bytes of content are in the buffer; reads more if there are none. */
  private int available() throws IOException {
    while (position == contentEnd && !atDelimiter) {
      fillOrFail();
      scan();
    }
    return contentEnd - position;
  }

  /** Searches for a delimiter from the position on, and sets {@code contentEnd}. */
  private void scan() {
    int found = delimiter.indexIn(buffer, position, limit);
    atDelimiter = found >= 0;
    contentEnd = atDelimiter ? found : Math.max(position, limit - delimiter.length() + 1);
  }

  private void fillOrFail() throws IOException {
    if (!fill()) {
      throw ApiException.badRequest("The multipart body ends before its last boundary");
    }
  }

  /** Reads bytes into the buffer, and keeps those from the position on. False at the end. */
  private boolean fill() throws IOException {
    if (position > 0 && buffer.length - limit < buffer.length / 2) {
      System.arraycopy(buffer, position, buffer, 0, limit - position);
      limit -= position;
      contentEnd -= position;
      position = 0;
    }
    int count = in.read(buffer, limit, buffer.length - limit);
    limit += Math.max(0, count);
    return count >= 0;
  }

  /** The content of one part. */
  private final class Content extends InputStream {
    private final int number;

    Content(int number) {
      this.number = number;
    }

    /** Returns how many bytes are in the buffer; 0 at the end. */
    private int fillBuffer() throws IOException {
      if (number != part || ended) {
        throw new IllegalStateException("The part is not the current one");
      }
      return MultipartReader.this.available();
    }

    @Override
    public int read() throws IOException {
      return fillBuffer() == 0 ? -1 : buffer[position++] & 0xFF;
    }

    @Override
    public int read(byte[] to, int offset, int count) throws IOException {
      Objects.checkFromIndexSize(offset, count, to.length);
      if (count == 0) {
        return 0;
      }
      int read = Math.min(count, fillBuffer());
      if (read == 0) {
        return -1;
      }
      System.arraycopy(buffer, position, to, offset, read);
      position += read;
      return read;
    }

    @Override
    public long transferTo(OutputStream out) throws IOException {
      long sum = 0;
      int count;
      while ((count = fillBuffer()) > 0) {
        int from = position;
        position = contentEnd;
        sum += count;
        out.write(buffer, from, count);
      }
      return sum;
    }
  }
}

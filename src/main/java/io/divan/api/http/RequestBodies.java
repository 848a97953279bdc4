package io.divan.api.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.springframework.stereotype.Component;

/** Reads request bodies, and enforces their size limits. */
@Component
public final class RequestBodies {
  /** The largest array that every JVM can allocate. */
  private static final int ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8;

  /** The version of requests whose body needs neither a length nor a transfer encoding. */
  static final String HTTP_2 = "HTTP/2.0";

  private static final int BUFFER_BYTES = 8 * 1024;

  private final HttpProperties properties;
  private final RequestLimits limits;

  RequestBodies(HttpProperties properties, RequestLimits limits) {
    this.properties = properties;
    this.limits = limits;
  }

  /** Fails with 415 unless the Content-Type is {@code application/json}. */
  public static void expectJson(HttpServletRequest request) {
    String type = request.getContentType();
    if (type == null
        || !type.toLowerCase(Locale.ROOT).split(";", 2)[0].strip().equals(Responses.JSON)) {
      throw new ApiException(
          415, "bad_content_type", "Content-Type must be application/json");
    }
  }

  /** Whether the request has a body, even an empty one. */
  public static boolean hasBody(HttpServletRequest request) throws IOException {
    return request.getContentLengthLong() >= 0
        || request.getHeader("Transfer-Encoding") != null
        || request.getProtocol().equals(HTTP_2) && !request.getInputStream().isFinished();
  }

  /** The body as it arrives. Reading more than {@code max_http_request_size} fails with 413. */
  public InputStream stream(HttpServletRequest request) throws IOException {
    return limited(request, limits.requestBytes().get());
  }

  /** The whole body, in memory. Fails with 413 if it exceeds {@code max-buffered-size}. */
  public byte[] bytes(HttpServletRequest request) throws IOException {
    try (InputStream body = limited(request, properties.maxBufferedSize().toBytes())) {
      return body.readAllBytes();
    }
  }

  /** The whole body, in memory. Fails with 413 if it exceeds a limit of its own. */
  public byte[] bytes(HttpServletRequest request, int bytesMax) throws IOException {
    try (InputStream body = limited(request, bytesMax)) {
      return body.readAllBytes();
    }
  }

  /** The whole body, in memory or in a temporary file. */
  public SpooledBody spool(HttpServletRequest request) throws IOException {
    try (InputStream body = stream(request)) {
      return SpooledBody.read(body, Math.clamp(properties.maxBufferedSize().toBytes(), 0,
          ARRAY_BYTES_MAX));
    }
  }

  private static InputStream limited(HttpServletRequest request, long bytesMax)
      throws IOException {
    if (request.getContentLengthLong() > bytesMax) {
      throw tooLarge();
    }
    return new LimitedStream(decoded(request), bytesMax);
  }

  /** The body after decompression. Limits apply to the decompressed size. */
  private static InputStream decoded(HttpServletRequest request) throws IOException {
    String encoding = request.getHeader("Content-Encoding");
    return switch (encoding == null ? "identity" : encoding) {
      case "identity" -> timed(request);
      case "gzip" -> new Gunzip(timed(request));
      default ->
          throw new ApiException(
              415, "bad_content_type", encoding + " is not a supported content encoding.");
    };
  }

  private static InputStream timed(HttpServletRequest request) throws IOException {
    ServedRequest served = ServedRequest.of(request);
    InputStream body = request.getInputStream();
    return served == null ? body : new TimedStream(body, served);
  }

  private static ApiException tooLarge() {
    return new ApiException(413, "too_large", "the request entity is too large");
  }

  /**
   * Decompresses a body. Reads the gzip header at the first read, so that an invalid header fails
   * like any other invalid input. At its end, discards what follows the compressed data: a body
   * that was not read to its end would make the container send an error of its own.
   */
  private static final class Gunzip extends InputStream {
    private final CompressedStream compressed;
    private Optional<GZIPInputStream> in = Optional.empty();

    Gunzip(InputStream compressed) {
      this.compressed = new CompressedStream(compressed);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count;
      try {
        if (in.isEmpty()) {
          in = Optional.of(new GZIPInputStream(compressed, BUFFER_BYTES));
        }
        count = in.get().read(bytes, offset, length);
      } catch (ZipException | EOFException e) {
        throw ApiException.badRequest("Request body is not properly gzipped.");
      }
      if (count < 0) {
        compressed.end();
      }
      return count;
    }

    @Override
    public void close() throws IOException {
      if (in.isPresent()) {
        in.get().close();
      }
    }
  }

  /**
   * Rethrows an earlier read error at end of stream. {@link GZIPInputStream} swallows it while it
   * probes for another member.
   */
  private static final class CompressedStream extends FilterInputStream {
    private Optional<IOException> failure = Optional.empty();

    CompressedStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (IOException e) {
        failure = Optional.of(e);
        throw e;
      }
    }

    void end() throws IOException {
      if (failure.isPresent()) {
        throw failure.get();
      }
      transferTo(OutputStream.nullOutputStream());
    }
  }

  /** Measures how long the request waits for its body. */
  private static final class TimedStream extends FilterInputStream {
    private final ServedRequest served;

    TimedStream(InputStream in, ServedRequest served) {
      super(in);
      this.served = served;
    }

    @Override
    public int read() throws IOException {
      long begun = System.nanoTime();
      try {
        return super.read();
      } finally {
        served.waitedForBody(System.nanoTime() - begun);
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      long begun = System.nanoTime();
      try {
        return super.read(bytes, offset, length);
      } finally {
        served.waitedForBody(System.nanoTime() - begun);
      }
    }
  }

  private static final class LimitedStream extends FilterInputStream {
    private long left;

    LimitedStream(InputStream in, long bytesMax) {
      super(in);
      this.left = bytesMax;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count(b < 0 ? 0 : 1);
      return b;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      count(Math.max(0, count));
      return count;
    }

    private void count(int bytes) {
      left -= bytes;
      if (left < 0) {
        throw tooLarge();
      }
    }
  }
}

package io.divan.api;

import jakarta.servlet.http.HttpServletRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import org.springframework.stereotype.Component;

/** Reads the bodies of requests within their limits. */
@Component
final class RequestBodies {
  private final HttpProperties limits;

  RequestBodies(HttpProperties limits) {
    this.limits = limits;
  }

  /** Fails unless the body is said to be JSON. */
  static void expectJson(HttpServletRequest request) {
    String type = request.getContentType();
    if (type == null
        || !type.toLowerCase(Locale.ROOT).split(";", 2)[0].strip().equals(Answers.JSON)) {
      throw new ApiException(
          415, "bad_content_type", "Content-Type must be application/json");
    }
  }

  /** Whether the request has a body at all, be it empty. */
  static boolean hasBody(HttpServletRequest request) {
    return request.getContentLengthLong() >= 0 || request.getHeader("Transfer-Encoding") != null;
  }

  /** The body as it comes in; reading beyond the limit of a request fails with 413. */
  InputStream stream(HttpServletRequest request) throws IOException {
    return limited(request, limits.maxRequestSize().toBytes());
  }

  /** The whole body in memory; 413 beyond what is held there. */
  byte[] bytes(HttpServletRequest request) throws IOException {
    return limited(request, limits.maxBufferedSize().toBytes()).readAllBytes();
  }

  /** The whole body, in memory or in a file. */
  SpooledBody spool(HttpServletRequest request) throws IOException {
    return SpooledBody.read(stream(request), (int) limits.maxBufferedSize().toBytes());
  }

  private static InputStream limited(HttpServletRequest request, long bytesMax)
      throws IOException {
    if (request.getContentLengthLong() > bytesMax) {
      throw tooLarge();
    }
    return new LimitedStream(request.getInputStream(), bytesMax);
  }

  private static ApiException tooLarge() {
    return new ApiException(413, "too_large", "the request entity is too large");
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

package io.divan;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An HTTP response as received.
 *
 * @param headers by case-insensitive name; repeated headers are joined by commas
 */
public record HttpAnswer(int status, Map<String, String> headers, InputStream stream) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Reads the head of the next response of a connection. */
  static HttpAnswer read(InputStream in, boolean bodiless) throws IOException {
    String line = line(in);
    int status = Integer.parseInt(line.split(" ", 3)[1]);
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.merge(
          line.substring(0, colon), line.substring(colon + 1).strip(), (a, b) -> a + "," + b);
    }
    InputStream body;
    if (bodiless || status == 204 || status == 304) {
      body = InputStream.nullInputStream();
    } else if ("chunked".equals(headers.get("Transfer-Encoding"))) {
      body = new Chunks(in);
    } else if (headers.containsKey("Content-Length")) {
      body = new ByteArrayInputStream(exactly(in, Integer.parseInt(headers.get("Content-Length"))));
    } else {
      body = in;
    }
    return new HttpAnswer(status, headers, body);
  }

  static int readInterim(InputStream in) throws IOException {
    int status = Integer.parseInt(line(in).split(" ", 3)[1]);
    if (!line(in).isEmpty()) {
      throw new IOException("An interim response has headers");
    }
    return status;
  }

  /** Returns a copy with its body in memory, which can be read repeatedly. */
  public HttpAnswer whole() throws IOException {
    return new HttpAnswer(status, headers, new ByteArrayInputStream(stream.readAllBytes()));
  }

  /** The body as text. Fails if the body is truncated. */
  public String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  public byte[] bytes() {
    try {
      byte[] bytes = stream.readAllBytes();
      if (stream instanceof ByteArrayInputStream) {
        stream.reset();
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public JsonNode json() {
    return JSON.readTree(text());
  }

  /** Reads the next line of the body, without its line feed. */
  public String line() throws IOException {
    return line(stream);
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  private static byte[] exactly(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("The body is truncated");
    }
    return bytes;
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("The connection ended after: " + line);
      }
      line.write(b);
    }
    String text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  /** A chunked body. A connection that ends before the last chunk is an error. */
  private static final class Chunks extends InputStream {
    private final InputStream in;
    private int left;
    private boolean ended;

    Chunks(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (ended) {
        return -1;
      }
      if (left == 0) {
        left = Integer.parseInt(line(in).split(";")[0].strip(), 16);
        if (left == 0) {
          ended = true;
          if (!line(in).isEmpty()) {
            throw new IOException("The body has trailers");
          }
          return -1;
        }
      }
      int count = in.read(bytes, offset, Math.min(left, length));
      if (count < 0) {
        throw new EOFException("The chunked body is truncated");
      }
      left -= count;
      if (left == 0 && !line(in).isEmpty()) {
        throw new IOException("A chunk does not have its announced size");
      }
      return count;
    }
  }
}

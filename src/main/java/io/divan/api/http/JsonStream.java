package io.divan.api.http;

import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;

/** An answer of any length: it goes out whenever a buffer of 64 KB is full. */
public final class JsonStream {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final OutputStream out;
  private final JsonBuffer buffer = new JsonBuffer();

  public JsonStream(HttpServletResponse response, int status) throws IOException {
    this(response, status, Responses.JSON);
  }

  public JsonStream(HttpServletResponse response, int status, String contentType)
      throws IOException {
    response.setStatus(status);
    response.setContentType(contentType);
    this.out = response.getOutputStream();
  }

  /** Where to append to; call {@link #checkpoint()} after each row. */
  public JsonBuffer buffer() {
    return buffer;
  }

  /** Sends what there is if it fills a buffer. */
  public void checkpoint() throws IOException {
    if (buffer.length() >= BUFFER_BYTES) {
      send();
    }
  }

  /** Sends what there is, down to the client, and holds no memory until there is more. */
  public void flush() throws IOException {
    send();
    out.flush();
    buffer.release();
  }

  /** Sends what there is; the container ends the answer. */
  public void end() throws IOException {
    send();
  }

  private void send() throws IOException {
    buffer.writeTo(out);
    buffer.clear();
  }
}

package io.divan.api.http;

import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;

/** A response of any length. Sends the buffer whenever it holds at least 64 KB. */
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

  /** The buffer to append to. Call {@link #checkpoint()} after each row. */
  public JsonBuffer buffer() {
    return buffer;
  }

  /** Sends the buffer if it is full. */
  public void checkpoint() throws IOException {
    if (buffer.length() >= BUFFER_BYTES) {
      send();
    }
  }

  /** Sends the buffer to the client immediately, and releases the memory of the buffer. */
  public void flush() throws IOException {
    ServedRequest.send(
        () -> {
          buffer.writeTo(out);
          out.flush();
        });
    buffer.clear();
    buffer.release();
  }

  /** Sends the rest. The container ends the response. */
  public void end() throws IOException {
    send();
  }

  private void send() throws IOException {
    ServedRequest.send(() -> buffer.writeTo(out));
    buffer.clear();
  }
}

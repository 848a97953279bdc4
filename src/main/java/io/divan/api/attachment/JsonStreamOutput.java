package io.divan.api.attachment;

import io.divan.api.http.JsonStream;
import java.io.IOException;
import java.io.OutputStream;

/** Appends bytes to a JSON response without escaping, such as the base64 of an attachment. */
public final class JsonStreamOutput extends OutputStream {
  private final JsonStream stream;

  public JsonStreamOutput(JsonStream stream) {
    this.stream = stream;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    stream.buffer().raw(bytes, offset, count);
    stream.checkpoint();
  }
}

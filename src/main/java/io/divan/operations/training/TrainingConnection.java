package io.divan.operations.training;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A connection that is kept alive, as the clients of CouchDB keep theirs. */
final class TrainingConnection implements AutoCloseable {
  private static final int WAIT_MILLIS = 60_000;

  private final Socket socket;
  private final InputStream in;
  private final String credentials;

  /**
   * A response.
   *
   * @param status the status code
   * @param head all header lines, in the case of the server
   * @param body the body without its chunked encoding
   */
  record Response(int status, String head, String body) {}

  /**
   * Connects.
   *
   * @param credentials a header line with its end, or an empty string
   */
  TrainingConnection(int port, String credentials) throws IOException {
    this.credentials = credentials;
    socket = new Socket();
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), WAIT_MILLIS);
    socket.setSoTimeout(WAIT_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** Sends a request and reads the response; an empty body is not sent. */
  Response send(String method, String target, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    head.append("Host: 127.0.0.1:").append(socket.getPort()).append("\r\n");
    head.append("User-Agent: training\r\nAccept: application/json\r\n").append(credentials);
    if (bytes.length > 0) {
      head.append("Content-Type: application/json\r\n");
    }
    if (bytes.length > 0 || !method.equals("GET")) {
      head.append("Content-Length: ").append(bytes.length).append("\r\n");
    }
    ByteArrayOutputStream request = new ByteArrayOutputStream(bytes.length + 256);
    request.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    request.writeBytes(bytes);
    request.writeTo(socket.getOutputStream());
    return receive(method.equals("HEAD"));
  }

  private Response receive(boolean isHead) throws IOException {
    String first = line();
    int status = Integer.parseInt(first.substring(9, 12));
    StringBuilder head = new StringBuilder();
    int length = 0;
    boolean isChunked = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      head.append(line).append('\n');
      String header = line.toLowerCase(Locale.ROOT);
      if (header.startsWith("content-length:")) {
        length = Integer.parseInt(header.substring("content-length:".length()).strip());
      } else if (header.startsWith("transfer-encoding:")) {
        isChunked = header.endsWith("chunked");
      }
    }
    if (isHead) {
      return new Response(status, head.toString(), "");
    }
    byte[] body = isChunked ? chunks() : exactly(length);
    return new Response(status, head.toString(), new String(body, StandardCharsets.UTF_8));
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int length = chunkLength(); length > 0; length = chunkLength()) {
      body.writeBytes(exactly(length));
      line();
    }
    line();
    return body.toByteArray();
  }

  private int chunkLength() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  private byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the service closed a connection");
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the service closed a connection");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

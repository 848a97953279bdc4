package io.divan;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A connection that can send any bytes, such as paths that no URI class allows and truncated
 * bodies, and can stop reading. Waiting for a response fails after half a minute.
 */
public final class HttpConnection implements AutoCloseable {
  private static final int WAIT_MILLIS = 30_000;

  private final Socket socket;
  private final InputStream in;
  private final String host;

  HttpConnection(String host, int port) throws IOException {
    this.host = host + ":" + port;
    socket = new Socket();
    socket.setReceiveBufferSize(64 * 1024); // the sender soon notices a stalled reader
    socket.connect(new InetSocketAddress(host, port), WAIT_MILLIS);
    socket.setSoTimeout(WAIT_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** Sends a request with a body; headers are {@code Name: value}. */
  public HttpConnection send(String method, String target, List<String> headers, byte[] body)
      throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(head(method, target, headers));
    request.writeBytes(ascii("Content-Length: " + body.length + "\r\n\r\n"));
    request.writeBytes(body);
    return send(request.toByteArray());
  }

  /** Sends a request without a body. */
  public HttpConnection send(String method, String target, List<String> headers)
      throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(head(method, target, headers));
    request.writeBytes(ascii("\r\n"));
    return send(request.toByteArray());
  }

  public HttpConnection send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  public HttpConnection send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sets the maximum time to wait for a response. */
  public HttpConnection within(Duration wait) throws IOException {
    socket.setSoTimeout((int) wait.toMillis());
    return this;
  }

  /** Closes the sending side. The receiving side stays open. */
  public HttpConnection endSending() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Reads the head of the next response, which has a body. */
  public HttpAnswer answer() throws IOException {
    return HttpAnswer.read(in, false);
  }

  /** Reads the next response, which has no body. */
  public HttpAnswer answerToHead() throws IOException {
    return HttpAnswer.read(in, true);
  }

  /** Reads an interim response. Returns its status. */
  public int interimStatus() throws IOException {
    return HttpAnswer.readInterim(in);
  }

  /** Whether the server closes the connection without sending anything. */
  public boolean ends() throws IOException {
    return in.read() < 0;
  }

  private byte[] head(String method, String target, List<String> headers) {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    if (headers.stream().noneMatch(header -> header.regionMatches(true, 0, "Host:", 0, 5))) {
      head.append("Host: ").append(host).append("\r\n");
    }
    headers.forEach(header -> head.append(header).append("\r\n"));
    return head.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

package io.divan.api;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * A request that may be invalid in any way.
 *
 * @param target the path and query; each character is one byte
 * @param headers as {@code Name: value}, without Content-Length and Transfer-Encoding
 * @param body the body before framing
 */
record FuzzRequest(
    String method, String target, List<String> headers, Optional<byte[]> body, Framing framing) {

  /** How a body is transferred. */
  enum Framing {
    /** With Content-Length. */
    LENGTH,
    /** In chunks. */
    CHUNKS,
    /** In chunks with extensions, leading zeros and trailers, which are all valid. */
    ODD_CHUNKS,
    /** In chunks, and with a Content-Length, which has no effect. */
    CHUNKS_AND_LENGTH,
    /** With a Content-Length that is too small: the next request seems to begin early. */
    SHORT_LENGTH,
    /** With a Content-Length that is too large. */
    LONG_LENGTH,
    /** With two different Content-Length headers. */
    TWO_LENGTHS,
    /** With an invalid Content-Length. */
    NO_NUMBER,
    /** In chunks with invalid sizes. */
    BROKEN_CHUNKS,
    /** In chunks, without the last one. */
    CUT_CHUNKS,
    /** As the headers of the request say: the body is sent as it is. */
    RAW;

    /** Those that a request can be changed to. */
    static Framing[] mutated() {
      return Arrays.copyOf(values(), RAW.ordinal());
    }

    /** Whether the body is undefined. */
    boolean isBroken() {
      return compareTo(LONG_LENGTH) >= 0;
    }
  }

  FuzzRequest withMethod(String other) {
    return new FuzzRequest(other, target, headers, body, framing);
  }

  FuzzRequest withTarget(String other) {
    return new FuzzRequest(method, other, headers, body, framing);
  }

  FuzzRequest withHeaders(List<String> others) {
    return new FuzzRequest(method, target, others, body, framing);
  }

  FuzzRequest withBody(byte[] other) {
    return new FuzzRequest(method, target, headers, Optional.of(other), framing);
  }

  FuzzRequest withFraming(Framing other) {
    return new FuzzRequest(method, target, headers, body, other);
  }

  FuzzRequest with(String header) {
    List<String> more = new ArrayList<>(headers);
    more.add(header);
    return withHeaders(more);
  }

  /** Whether the connection cannot be used afterwards. */
  boolean endsConnection() {
    return body.isPresent() && framing.compareTo(Framing.SHORT_LENGTH) >= 0;
  }

  String path() {
    return target.split("\\?", 2)[0];
  }

  Optional<String> query() {
    String[] parts = target.split("\\?", 2);
    return parts.length == 1 ? Optional.empty() : Optional.of(parts[1]);
  }

  /** The first header of this name. */
  Optional<String> header(String name) {
    return headers.stream()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }

  /** The body that a server must read; empty if it is undefined. */
  Optional<byte[]> content() {
    byte[] sent = body.orElse(new byte[0]);
    if (body.isPresent() && framing.isBroken()) {
      return Optional.empty();
    }
    byte[] read =
        framing == Framing.SHORT_LENGTH ? Arrays.copyOf(sent, sent.length / 2) : sent;
    if (!header("Content-Encoding").orElse("identity").equals("gzip")) {
      return Optional.of(read);
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(read))) {
      return Optional.of(in.readAllBytes());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  byte[] bytes(String host) {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    if (header("Host").isEmpty()) {
      head.append("Host: ").append(host).append("\r\n");
    }
    headers.forEach(line -> head.append(line).append("\r\n"));
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    byte[] content = body.orElse(new byte[0]);
    if (body.isPresent()) {
      head.append(framingHeaders(content.length));
    }
    head.append("\r\n");
    request.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    if (body.isPresent()) {
      write(request, content);
    }
    return request.toByteArray();
  }

  private String framingHeaders(int length) {
    return switch (framing) {
      case LENGTH -> "Content-Length: " + length + "\r\n";
      case SHORT_LENGTH -> "Content-Length: " + length / 2 + "\r\n";
      case LONG_LENGTH -> "Content-Length: " + (length + 7) + "\r\n";
      case TWO_LENGTHS ->
          "Content-Length: " + length + "\r\nContent-Length: " + (length + 1) + "\r\n";
      case NO_NUMBER -> "Content-Length: " + length + "x\r\n";
      case CHUNKS_AND_LENGTH -> "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n";
      case CHUNKS, ODD_CHUNKS, BROKEN_CHUNKS, CUT_CHUNKS -> "Transfer-Encoding: chunked\r\n";
      case RAW -> "";
    };
  }

  private void write(ByteArrayOutputStream out, byte[] content) {
    switch (framing) {
      case LENGTH, SHORT_LENGTH, LONG_LENGTH, TWO_LENGTHS, NO_NUMBER, RAW -> out.writeBytes(
          content);
      case CHUNKS, CHUNKS_AND_LENGTH -> {
        chunks(out, content, "%x\r\n");
        out.writeBytes(ascii("0\r\n\r\n"));
      }
      case ODD_CHUNKS -> {
        chunks(out, content, "00%X;ext=\"a b\"\r\n");
        out.writeBytes(ascii("000;x\r\nX-Trailer: a\r\n\r\n"));
      }
      case BROKEN_CHUNKS -> {
        chunks(out, content, "%x\r\n");
        out.writeBytes(ascii("-1\r\nzz\r\n\r\n"));
      }
      case CUT_CHUNKS -> chunks(out, content, "%x\r\n");
    }
  }

  private static void chunks(ByteArrayOutputStream out, byte[] content, String size) {
    int half = content.length / 2;
    for (byte[] part : List.of(
        Arrays.copyOf(content, half), Arrays.copyOfRange(content, half, content.length))) {
      if (part.length > 0) {
        out.writeBytes(ascii(String.format(size, part.length)));
        out.writeBytes(part);
        out.writeBytes(ascii("\r\n"));
      }
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public String toString() {
    String text = new String(body.orElse(new byte[0]), StandardCharsets.UTF_8);
    return method + " " + shortened(target, 300) + " " + shortened(headers.toString(), 300)
        + body.map(bytes -> " " + framing + " " + shortened(text, 1_000)).orElse("");
  }

  private static String shortened(String text, int max) {
    return text.length() <= max
        ? text
        : text.substring(0, max) + "... (" + text.length() + ")";
  }
}

package io.divan.api.http;

import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;

/** Answers that are small enough to be written at once. */
public final class Responses {
  public static final String JSON = "application/json";

  private static final String UNRESERVED = "-._~";

  private Responses() {}

  /** Answers JSON; CouchDB ends it with a line feed. */
  public static void json(HttpServletResponse response, int status, JsonBuffer json)
      throws IOException {
    response.setStatus(status);
    response.setContentType(JSON);
    response.setContentLength(json.length() + 1);
    json.raw('\n').writeTo(response.getOutputStream());
  }

  public static void json(HttpServletResponse response, int status, byte[] json)
      throws IOException {
    response.setStatus(status);
    response.setContentType(JSON);
    response.setContentLength(json.length + 1);
    response.getOutputStream().write(json);
    response.getOutputStream().write('\n');
  }

  public static void json(HttpServletResponse response, int status, String json)
      throws IOException {
    json(response, status, json.getBytes(StandardCharsets.UTF_8));
  }

  /** The tag of an answer that has no revision: a hash of it, in CouchDB's form. */
  public static String etag(byte[] answer) {
    try {
      byte[] hash = MessageDigest.getInstance("MD5").digest(answer);
      return '"' + new BigInteger(1, hash).toString(36).toUpperCase(Locale.ROOT) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has MD5", e);
    }
  }

  /**
   * Tags the answer.
   *
   * @return whether the client has that answer already; it is then complete, with status 304
   */
  public static boolean isNotModified(
      HttpServletRequest request, HttpServletResponse response, String etag) {
    response.setHeader("ETag", etag);
    String known = request.getHeader("If-None-Match");
    if (known == null) {
      return false;
    }
    for (String candidate : known.split(",")) {
      String text = candidate.strip();
      if (etag.equals(text.startsWith("W/") ? text.substring(2) : text)) {
        response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
        return true;
      }
    }
    return false;
  }

  static void error(HttpServletResponse response, int status, String error, String reason)
      throws IOException {
    json(
        response,
        status,
        new JsonBuffer()
            .raw("{\"error\":")
            .string(error)
            .raw(",\"reason\":")
            .string(wellFormed(reason))
            .raw('}'));
  }

  /** Names the resource at this path, segments encoded, as the request's sender reached us. */
  public static void location(
      HttpServletRequest request, HttpServletResponse response, String... segments) {
    StringBuilder location = new StringBuilder(scheme(request)).append("://");
    location.append(host(request));
    for (String segment : segments) {
      location.append('/').append(encode(segment));
    }
    response.setHeader("Location", location.toString());
  }

  /** Behind a proxy, what the proxy was asked for; as CouchDB believes it, by its default. */
  private static String host(HttpServletRequest request) {
    for (String name : List.of("X-Forwarded-Host", "Host")) {
      String host = request.getHeader(name);
      if (host != null && !host.isEmpty()) {
        return host;
      }
    }
    return request.getServerName();
  }

  private static String scheme(HttpServletRequest request) {
    boolean encrypted =
        "on".equals(request.getHeader("X-Forwarded-Ssl"))
            || "https".equals(request.getHeader("X-Forwarded-Proto"));
    return encrypted ? "https" : request.getScheme();
  }

  public static String encode(String text) {
    StringBuilder encoded = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      if (c < 128 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
        encoded.append(c);
      } else {
        encoded.append('%').append("0123456789ABCDEF".charAt(c >> 4));
        encoded.append("0123456789ABCDEF".charAt(c & 0xF));
      }
    }
    return encoded.toString();
  }

  private static String wellFormed(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}

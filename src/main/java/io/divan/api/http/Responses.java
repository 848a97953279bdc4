package io.divan.api.http;

import io.divan.document.UpdateResult;
import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Helpers for responses: short JSON bodies, errors, and the ETag and Location headers. */
public final class Responses {
  public static final String JSON = "application/json";

  /** Tomcat keeps shorter responses until they end, so that writing one never waits. */
  private static final int CONTAINER_BUFFER_BYTES = 8 * 1024;

  /** The scheme and the authority of an address. */
  private static final Pattern AUTHORITY =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)");

  /** A longer Location, of an attachment with a long name, would not fit in Tomcat's buffer. */
  private static final int LOCATION_CHARACTERS_MAX = 7_000;

  private static final String UNRESERVED = "-._~";

  private Responses() {}

  /** Sends a JSON body, followed by a line feed as in CouchDB. */
  public static void json(HttpServletResponse response, int status, JsonBuffer json)
      throws IOException {
    response.setStatus(status);
    response.setContentType(JSON);
    response.setContentLength(json.length() + 1);
    json.raw('\n');
    if (json.length() <= CONTAINER_BUFFER_BYTES) {
      json.writeTo(response.getOutputStream());
    } else {
      ServedRequest.send(() -> json.writeTo(response.getOutputStream()));
    }
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

  /** Sends the revision that an edit has stored. */
  public static void saved(HttpServletResponse response, int status, UpdateResult.Saved saved)
      throws IOException {
    json(
        response,
        status,
        new JsonBuffer()
            .raw("{\"ok\":true,\"id\":")
            .string(saved.id())
            .raw(",\"rev\":")
            .string(saved.revision())
            .raw('}'));
  }

  /** The ETag of a response that has no revision: its MD5 hash, in CouchDB's form. */
  public static String etag(byte[] body) {
    try {
      byte[] hash = MessageDigest.getInstance("MD5").digest(body);
      return '"' + new BigInteger(1, hash).toString(36).toUpperCase(Locale.ROOT) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has MD5", e);
    }
  }

  /**
   * Sets the ETag of the response. If {@code If-None-Match} contains it, sets the status to 304;
   * the caller then sends no body.
   *
   * @return whether the status was set to 304
   */
  public static boolean isNotModified(
      HttpServletRequest request, HttpServletResponse response, String etag) {
    response.setHeader("ETag", etag);
    String ifNoneMatch = request.getHeader("If-None-Match");
    if (ifNoneMatch == null) {
      return false;
    }
    for (String candidate : ifNoneMatch.split(",")) {
      String text = candidate.strip();
      if (etag.equals(text.startsWith("W/") ? text.substring(2) : text)) {
        response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
        return true;
      }
    }
    return false;
  }

  /** Sends CouchDB's error object. */
  public static void error(HttpServletResponse response, int status, String error, String reason)
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

  /** An absolute address on the host that the client used. */
  public static String absolute(HttpServletRequest request, String path) {
    return origin(request) + path;
  }

  /** Sets the Location header to the path of these segments, on the host that the client used. */
  public static void location(
      HttpServletRequest request, HttpServletResponse response, String... segments) {
    StringBuilder location = new StringBuilder(origin(request));
    for (String segment : segments) {
      location.append('/').append(encode(segment));
    }
    if (location.length() <= LOCATION_CHARACTERS_MAX) {
      response.setHeader("Location", location.toString());
    }
  }

  /** Fails with status 400 unless the request comes from a page on the host it is sent to. */
  public static void expectReferer(HttpServletRequest request) {
    String referer = request.getHeader("Referer");
    if (referer == null) {
      throw ApiException.badRequest("Referer header required.");
    }
    if (!host(referer).equalsIgnoreCase(ClientAddress.authority(request))) {
      throw ApiException.badRequest("Referer header must match host.");
    }
  }

  /** The host, and perhaps the port, in an address; empty if it has none. */
  private static String host(String address) {
    Matcher matcher = AUTHORITY.matcher(address);
    return matcher.lookingAt() ? matcher.group(1) : "";
  }

  /** The scheme and host that the client used. */
  static String origin(HttpServletRequest request) {
    String scheme = ClientAddress.isSecure(request) ? "https" : request.getScheme();
    return scheme + "://" + ClientAddress.authority(request);
  }

  /** Percent-encodes everything but letters, digits and {@value #UNRESERVED}. */
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

  /** Replaces unpaired surrogates with question marks. */
  private static String wellFormed(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}

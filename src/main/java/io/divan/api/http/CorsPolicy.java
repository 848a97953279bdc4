package io.divan.api.http;

import io.divan.configuration.ValueType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/**
 * The CORS settings that apply to the requests to one host, with CouchDB's defaults.
 *
 * @param origins the accepted origins, compared case-sensitively as browsers send them
 * @param acceptsAll whether all origins are accepted
 * @param credentials whether pages may send cookies and passwords; never when all are accepted
 * @param methods the accepted methods
 * @param headers the accepted request headers, in lower case
 * @param exposed the value of {@code Access-Control-Expose-Headers}
 * @param maxAge the value of {@code Access-Control-Max-Age}
 */
record CorsPolicy(
    Set<String> origins,
    boolean acceptsAll,
    boolean credentials,
    List<String> methods,
    Set<String> headers,
    String exposed,
    String maxAge) {

  /** The origin that stands for every origin. */
  static final String ALL = "*";

  /** The origin of pages without one of their own: every page can open such a frame. */
  static final String NULL_ORIGIN = "null";

  private static final String METHODS =
      "CONNECT, COPY, DELETE, GET, HEAD, OPTIONS, POST, PUT, TRACE";

  private static final String HEADERS =
      "accept, accept-language, authorization, content-length, content-range, content-type,"
          + " destination, expires, if-match, last-modified, origin, pragma, x-couch-full-commit,"
          + " x-couch-id, x-couch-persist, x-couchdb-www-authenticate, x-http-method-override,"
          + " x-requested-with, x-couchdb-vhost-path";

  private static final String EXPOSED_HEADERS =
      "accept-ranges, etag, server, x-couch-request-id, x-couch-update-newrev,"
          + " x-couchdb-body-time";

  /** The headers of every response that CouchDB exposes whatever the configuration. */
  private static final String ALWAYS_EXPOSED = "content-type, cache-control, ";

  private static final String MAX_AGE_SECONDS = "600";

  /**
   * Creates a policy.
   *
   * @param texts the settings that have a value, as CouchDB writes them
   */
  static CorsPolicy of(Map<String, String> texts) {
    List<String> origins = words(texts, CorsSettings.ORIGINS, "");
    boolean acceptsAll = origins.contains(ALL);
    return new CorsPolicy(
        Set.copyOf(origins),
        acceptsAll,
        !hasOpenOrigin(origins) && wantsCredentials(texts),
        words(texts, CorsSettings.METHODS, METHODS),
        Set.copyOf(words(texts, CorsSettings.HEADERS, HEADERS).stream()
            .map(name -> name.toLowerCase(Locale.ROOT)).toList()),
        ALWAYS_EXPOSED
            + String.join(", ", words(texts, CorsSettings.EXPOSED_HEADERS, EXPOSED_HEADERS))
                .toLowerCase(Locale.ROOT),
        texts.getOrDefault(CorsSettings.MAX_AGE, MAX_AGE_SECONDS));
  }

  /** Whether settings share credentials with every page of the web. */
  static boolean isUnsafe(Map<String, String> texts) {
    return wantsCredentials(texts) && hasOpenOrigin(words(texts, CorsSettings.ORIGINS, ""));
  }

  private static boolean wantsCredentials(Map<String, String> texts) {
    return "true".equals(texts.get(CorsSettings.CREDENTIALS));
  }

  private static boolean hasOpenOrigin(List<String> origins) {
    return origins.contains(ALL) || origins.contains(NULL_ORIGIN);
  }

  private static List<String> words(Map<String, String> texts, String key, String other) {
    List<String> words = ValueType.WORDS.parse().apply(texts.getOrDefault(key, other));
    return words.isEmpty() ? ValueType.WORDS.parse().apply(other) : words;
  }

  /** Whether pages of an origin may use the API. */
  boolean accepts(String origin) {
    return acceptsAll || origins.contains(origin);
  }

  /** Whether a request of an accepted origin is a preflight that allows the page's request. */
  boolean allowsPreflight(HttpServletRequest request) {
    String method = request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
    if (!request.getMethod().equals("OPTIONS") || method == null || !methods.contains(method)) {
      return false;
    }
    for (String name : requestedHeaders(request).split(",")) {
      String stripped = name.strip();
      if (!stripped.isEmpty() && !headers.contains(stripped.toLowerCase(Locale.ROOT))) {
        return false;
      }
    }
    return true;
  }

  /** Sets the headers of a response to a preflight. */
  void preflight(HttpServletRequest request, HttpServletResponse response, String origin) {
    allow(response, origin);
    response.setHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, maxAge);
    response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, String.join(", ", methods));
    response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, requestedHeaders(request));
  }

  /** Sets the headers of any other response. */
  void response(HttpServletResponse response, String origin) {
    allow(response, origin);
    response.setHeader(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
  }

  private void allow(HttpServletResponse response, String origin) {
    response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if (credentials) {
      response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
  }

  private static String requestedHeaders(HttpServletRequest request) {
    String names = request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS);
    return names == null ? "" : names;
  }
}

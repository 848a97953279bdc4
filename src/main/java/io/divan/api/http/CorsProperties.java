package io.divan.api.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Cross-origin resource sharing (CORS): which pages of other origins may use the API.
 *
 * @param enabled whether pages of the accepted origins may use the API
 * @param origins the accepted origins, such as {@code https://app.example.org}; {@code *} accepts
 *     all
 * @param credentials whether pages may send cookies and passwords. Cannot be combined with the
 *     origin {@code *}.
 * @param methods the methods that pages may use; by default all methods that CouchDB knows
 * @param headers the request headers that pages may send; by default CouchDB's list
 * @param exposedHeaders the response headers that pages may read, besides those that browsers
 *     always show; by default CouchDB's list
 * @param maxAge how long browsers may remember the response to a preflight; by default ten minutes
 * @param hosts settings for requests to one host name, by that name, such as {@code
 *     divan.cors.hosts[db.example.org].origins}. Each replaces the setting without a host.
 */
@ConfigurationProperties("divan.cors")
record CorsProperties(
    @DefaultValue("false") boolean enabled,
    @Nullable List<String> origins,
    @Nullable Boolean credentials,
    @Nullable List<String> methods,
    @Nullable List<String> headers,
    @Nullable List<String> exposedHeaders,
    @Nullable Duration maxAge,
    @DefaultValue Map<String, Host> hosts) {

  /**
   * Settings for requests to one host name.
   *
   * @param origins the accepted origins
   * @param credentials whether pages may send cookies and passwords
   * @param methods the methods that pages may use
   * @param headers the request headers that pages may send
   * @param exposedHeaders the response headers that pages may read
   * @param maxAge how long browsers may remember the response to a preflight
   */
  record Host(
      @Nullable List<String> origins,
      @Nullable Boolean credentials,
      @Nullable List<String> methods,
      @Nullable List<String> headers,
      @Nullable List<String> exposedHeaders,
      @Nullable Duration maxAge) {

    /** The settings that have a value, as CouchDB writes them. */
    Map<String, String> texts() {
      Map<String, String> texts = new HashMap<>();
      put(texts, CorsSettings.ORIGINS, origins);
      put(texts, CorsSettings.METHODS, methods);
      put(texts, CorsSettings.HEADERS, headers);
      put(texts, CorsSettings.EXPOSED_HEADERS, exposedHeaders);
      if (credentials != null) {
        texts.put(CorsSettings.CREDENTIALS, credentials.toString());
      }
      if (maxAge != null) {
        texts.put(CorsSettings.MAX_AGE, Long.toString(maxAge.toSeconds()));
      }
      return texts;
    }

    private static void put(Map<String, String> texts, String key, @Nullable List<String> words) {
      if (words != null && !words.isEmpty()) {
        texts.put(key, String.join(", ", words));
      }
    }
  }

  /** The settings without a host. */
  Host general() {
    return new Host(origins, credentials, methods, headers, exposedHeaders, maxAge);
  }
}
